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

int bp_tcp_connect(int fd, const union bp_ip_address *peer) {
  if (connect(fd, &peer->any, bp_ip_address_length(peer)) == 0) {
    return 0;
  }
  return errno == EINTR ? -EINPROGRESS : -errno; /* it goes on all the same */
}
