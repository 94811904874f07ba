/* Servers of local connections that carry packets. */
#include "fd_message.h"
#include "kind.h"
#include "local_server.h"
#include "server.h"

int bp_listen_local_packets(const struct bp_listen_local_options *options, struct bp_socket **out) {
  return bp_local_server_open(&bp_local_packet_server, SOCK_SEQPACKET, options, out);
}

static int local_packet_server_adopt(int fd, struct bp_socket **out) {
  return bp_socket_new(&bp_local_packet_server, BP_STATE_LISTENING, fd, NULL, 0, out);
}

static int local_packet_server_accept(struct bp_socket *server, struct bp_socket **out) {
  int error = bp_local_server_accept(server, &bp_local_packet_stream, out);
  if (error) {
    return error;
  }
  error = bp_fd_prepare_packets((*out)->fd);
  if (error) {
    bp_socket_close(*out);
  }
  return error;
}

const struct bp_kind_ops bp_local_packet_server = {
    .kind = BP_KIND_LOCAL_PACKET_SERVER,
    .size = sizeof(struct bp_local_server),
    .events = BP_SERVER_EVENTS,
    .adopt = local_packet_server_adopt,
    .close = bp_local_server_close,
    .interest = bp_server_interest,
    .ask_at = bp_server_ask_at,
    .holds = bp_server_holds,
    .accept = local_packet_server_accept,
};
