/* Local connections that carry packets. */
#include "fd_message.h"
#include "fd_socket.h"
#include "kind.h"
#include "local_client.h"
#include "stream.h"

#include <errno.h>
#include <string.h>

int bp_connect_local_packets(const char *path, size_t path_length, struct bp_socket **out) {
  const int error =
      bp_local_client_open(&bp_local_packet_stream, SOCK_SEQPACKET, path, path_length, out);
  if (!error) {
    bp_fd_prepare_packets((*out)->fd);
  }
  return error;
}

static int local_packet_stream_adopt(int fd, struct bp_socket **out) {
  const int error = bp_socket_new(&bp_local_packet_stream, BP_STATE_CONNECTED, fd, NULL, 0, out);
  if (!error) {
    bp_fd_prepare_packets(fd);
  }
  return error;
}

/* One at a time: behind the last there may be the end, which looks like an empty packet. */
static int local_packet_receive(struct bp_socket *socket, struct bp_message *messages,
                                size_t count) {
  struct bp_arrival arrival;
  (void)count;
  const int got = bp_fd_receive(socket->fd, messages, &arrival, 1);
  if (got < 0) {
    return got;
  }
  memset(&messages->from, 0, sizeof messages->from);
  messages->dropped = 0;
  return arrival.is_message;
}

static int64_t local_packet_look_ahead(struct bp_socket *socket, void *bytes, size_t length,
                                       bool peek) {
  (void)bytes;
  (void)length;
  (void)peek; /* it always is */
  return bp_fd_look_ahead(socket->fd);
}

static int local_packet_send(struct bp_socket *socket, const void *bytes, size_t length,
                             const struct bp_endpoint *to) {
  return to ? -EISCONN : bp_fd_send(socket->fd, bytes, length, NULL, 0);
}

const struct bp_kind_ops bp_local_packet_stream = {
    .kind = BP_KIND_LOCAL_PACKET_STREAM,
    .size = sizeof(struct bp_socket),
    .events = BP_STREAM_EVENTS,
    .adopt = local_packet_stream_adopt,
    .close = bp_fd_close,
    .connect = bp_local_client_connect,
    .interest = bp_stream_interest,
    .ask_at = bp_stream_ask_at,
    .holds = bp_stream_holds,
    .has_final_errors = true,
    .read = local_packet_look_ahead,
    .has_half_close = true,
    .end = bp_fd_end,
    .receive = local_packet_receive,
    .send = local_packet_send,
};
