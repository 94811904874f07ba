/* Local connections that carry packets. */
#include "fd_message.h"
#include "fd_socket.h"
#include "kind.h"
#include "local_client.h"
#include "stream.h"

#include <errno.h>
#include <string.h>

int bp_connect_local_packets(const char *path, size_t path_length, struct bp_socket **out) {
  int error = bp_local_client_open(&bp_local_packet_stream, SOCK_SEQPACKET, path, path_length, out);
  if (error) {
    return error;
  }
  error = bp_fd_prepare_packets((*out)->fd);
  if (error) {
    bp_socket_close(*out);
  }
  return error;
}

static int local_packet_stream_adopt(int fd, struct bp_socket **out) {
  const int error = bp_fd_prepare_packets(fd);
  return error ? error
               : bp_socket_new(&bp_local_packet_stream, BP_STATE_CONNECTED, fd, NULL, 0, out);
}

/* The system gives the end as often as there is room: what is behind the last packet is no packet,
 * and the next call finds the end again. */
static int local_packet_receive(struct bp_socket *socket, struct bp_message *messages,
                                size_t count) {
  struct bp_arrival arrivals[BP_MAX_MESSAGES];
  const int got = bp_fd_receive(socket->fd, messages, arrivals, count);
  int packets = 0;
  for (; packets < got && arrivals[packets].is_message; packets++) {
    memset(&messages[packets].from, 0, sizeof messages[packets].from);
    messages[packets].dropped = 0;
  }
  return got < 0 ? got : packets;
}

static int64_t local_packet_look_ahead(struct bp_socket *socket, void *bytes, size_t length,
                                       bool peek) {
  (void)bytes;
  (void)length;
  (void)peek; /* it always is */
  return bp_fd_look_ahead(socket->fd);
}

static int local_packet_send(struct bp_socket *socket, const struct bp_outgoing *messages,
                             size_t count) {
  struct bp_departure departures[BP_MAX_MESSAGES];
  for (size_t i = 0; i < count; i++) {
    departures[i] = (struct bp_departure){.bytes = messages[i].bytes, .length = messages[i].length};
    if (messages[i].to) {
      return i > 0 ? bp_fd_send(socket->fd, departures, i) : -EISCONN;
    }
  }
  return bp_fd_send(socket->fd, departures, count);
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
