/* Windows 10 1703, the first that tells. */
#define NTDDI_VERSION 0x0A000003

#include "tcp_information.h"

#include "net.h"

int bp_tcp_ask(int fd, struct bp_tcp_information *out) {
  DWORD version = 0;
  TCP_INFO_v0 info = {0};
  DWORD length = 0;
  /* An older one fails, and has nothing to tell. */
  if (WSAIoctl(BP_NET(fd), SIO_TCP_INFO, &version, sizeof version, &info, sizeof info, &length,
               NULL, NULL)) {
    return 0;
  }
  if (info.RttUs > 0) {
    out->round_trip_us = info.RttUs;
  }
  out->segment_bytes = info.Mss;
  out->congestion_window_bytes = info.Cwnd;
  return 0;
}
