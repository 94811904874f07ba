#include "tcp.h"

int bp_tcp_share_port(int fd, const struct bp_listen_tcp_options *options) {
  if (options->reuse_address) {
    bp_net_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  }
  if (options->reuse_port) {
    bp_net_set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  }
  return 0;
}

void bp_tcp_reuse_local_port(int fd) {
  bp_net_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
}

static void set_keep_alive(int fd, bool enabled, unsigned idle_s) {
  bp_net_set_option(fd, SOL_SOCKET, SO_KEEPALIVE, enabled);
  if (idle_s) {
#if defined(TCP_KEEPIDLE)
    bp_net_set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, (int)idle_s);
#elif defined(TCP_KEEPALIVE)
    bp_net_set_option(fd, IPPROTO_TCP, TCP_KEEPALIVE, (int)idle_s);
#endif
  }
}

int bp_tcp_set(int fd, const struct bp_tcp_options *options) {
  bp_net_set_option(fd, IPPROTO_TCP, TCP_NODELAY, options->no_delay);
  set_keep_alive(fd, options->keep_alive, options->keep_alive_s);
  if (options->user_timeout_ms) {
#ifdef TCP_USER_TIMEOUT
    bp_net_set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)options->user_timeout_ms);
#else
    return -ENOPROTOOPT;
#endif
  }
  return 0;
}

int bp_tcp_connect(int fd, const union bp_ip_address *peer) {
  if (connect(fd, &peer->any, bp_ip_address_length(peer)) == 0) {
    return 0;
  }
  return errno == EINTR ? -EINPROGRESS : -errno; /* it goes on all the same */
}
