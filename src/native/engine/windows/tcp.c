#include "tcp.h"

#include <errno.h>

int bp_tcp_share_port(int fd, const struct bp_listen_tcp_options *options) {
  /* Windows needs no SO_REUSEADDR for what it does elsewhere; here it would let a stranger take the
   * port. */
  bp_net_set_option(fd, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
  return options->reuse_port ? -ENOTSUP : 0;
}

/* It may anyway. */
void bp_tcp_reuse_local_port(int fd) {
  (void)fd;
}

static bool is_loopback(const union bp_ip_address *address) {
  return address->any.sa_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr)
                                            : ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
}

/* A refusal is believed only after three tries, which take two seconds. On the way to ourselves
 * none gets lost, so the first is enough. Older systems know nothing of this, and go on trying. */
static void take_refusal_at_once(int fd) {
  TCP_INITIAL_RTO_PARAMETERS parameters = {.Rtt = TCP_INITIAL_RTO_UNSPECIFIED_RTT,
                                           .MaxSynRetransmissions =
                                               TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS};
  DWORD unused = 0;
  (void)WSAIoctl(BP_NET(fd), SIO_TCP_INITIAL_RTO, &parameters, sizeof parameters, NULL, 0, &unused,
                 NULL, NULL);
}

int bp_tcp_connect(int fd, const union bp_ip_address *peer) {
  if (is_loopback(peer)) {
    take_refusal_at_once(fd);
  }
  if (connect(BP_NET(fd), &peer->any, bp_ip_address_length(peer)) == 0) {
    return 0;
  }
  const int error = bp_net_error();
  return error == -EAGAIN ? -EINPROGRESS : error;
}
