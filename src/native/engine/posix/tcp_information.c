#include "tcp_information.h"

#include "net.h"

#include <sys/ioctl.h>
#ifdef __linux__
#include <linux/sockios.h>
#endif

#if defined(__linux__)

static int64_t bytes_of(int fd, unsigned long request) {
  int bytes = 0;
  return ioctl(fd, request, &bytes) < 0 ? -1 : bytes;
}

int bp_tcp_ask(int fd, struct bp_tcp_information *out) {
  struct tcp_info info = {0};
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0) {
    return bp_net_error();
  }
  if (info.tcpi_rtt > 0) {
    out->round_trip_us = info.tcpi_rtt;
    out->round_trip_variation_us = info.tcpi_rttvar;
  }
  out->retransmissions = info.tcpi_total_retrans;
  out->segment_bytes = info.tcpi_snd_mss;
  out->congestion_window_bytes = (int64_t)info.tcpi_snd_cwnd * info.tcpi_snd_mss;
  out->unacknowledged_bytes = bytes_of(fd, SIOCOUTQ);
  out->unsent_bytes = bytes_of(fd, SIOCOUTQNSD);
  return 0;
}

#elif defined(__APPLE__)

int bp_tcp_ask(int fd, struct bp_tcp_information *out) {
  struct tcp_connection_info info = {0};
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_CONNECTION_INFO, &info, &length) < 0) {
    return bp_net_error();
  }
  if (info.tcpi_srtt > 0) {
    out->round_trip_us = (int64_t)info.tcpi_srtt * 1000;
    out->round_trip_variation_us = (int64_t)info.tcpi_rttvar * 1000;
  }
  out->retransmissions = (int64_t)info.tcpi_txretransmitpackets;
  out->segment_bytes = info.tcpi_maxseg;
  out->congestion_window_bytes = info.tcpi_snd_cwnd;
  out->unacknowledged_bytes = info.tcpi_snd_sbbytes;
  return 0;
}

#elif defined(__FreeBSD__) && defined(FIONWRITE)

int bp_tcp_ask(int fd, struct bp_tcp_information *out) {
  int written = 0;
  struct tcp_info info = {0};
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0 ||
      ioctl(fd, FIONWRITE, &written) < 0) {
    return bp_net_error();
  }
  if (info.tcpi_rtt > 0) {
    out->round_trip_us = info.tcpi_rtt;
    out->round_trip_variation_us = info.tcpi_rttvar;
  }
  out->retransmissions = info.tcpi_snd_rexmitpack;
  out->segment_bytes = info.tcpi_snd_mss;
  out->congestion_window_bytes = info.tcpi_snd_cwnd;
  out->unacknowledged_bytes = written;
  return 0;
}

#else

int bp_tcp_ask(int fd, struct bp_tcp_information *out) {
  (void)fd;
  (void)out;
  return 0;
}

#endif
