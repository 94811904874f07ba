/* Local datagrams. */
#include "datagram.h"
#include "descriptor.h"
#include "fd_message.h"
#include "fd_socket.h"
#include "kind.h"
#include "local_address.h"
#include "socket_file.h"

#include <errno.h>
#include <string.h>

struct local_datagram {
  struct bp_socket socket; /* first */
  struct bp_socket_file file;
};

static int new_socket(int fd, const char *path, size_t path_length, struct bp_socket **out) {
  return bp_socket_new(&bp_local_datagram, BP_STATE_CONNECTED, fd, path, path_length, out);
}

static int local_datagram_adopt(int fd, struct bp_socket **out) {
  return new_socket(fd, NULL, 0, out);
}

static void local_datagram_close(struct bp_socket *socket) {
  bp_socket_file_close(&((struct local_datagram *)socket)->file, socket->leaves_open);
  bp_fd_close(socket);
}

/* ---- Opening ---- */

static int connect_to(int fd, const char *path, size_t path_length) {
  struct bp_local_address address;
  const int error = bp_local_address_parse(path, path_length, &address);
  if (error) {
    return error;
  }
  return connect(fd, (const struct sockaddr *)&address.un, address.length) < 0 ? -errno : 0;
}

int bp_open_local_datagram(const struct bp_listen_local_options *own, const char *peer,
                           size_t peer_length, struct bp_socket **out) {
  struct bp_socket *socket = NULL;
  int fd = -1;
  int error = bp_descriptor_socket(AF_UNIX, SOCK_DGRAM, &fd);
  if (error) {
    return error;
  }
  error = new_socket(fd, own ? own->path : NULL, own ? own->path_length : 0, &socket);
  if (error) {
    bp_descriptor_close(fd);
    return error;
  }
  if (own) {
    error = bp_socket_file_bind(fd, own, &((struct local_datagram *)socket)->file);
  }
  if (!error && peer) {
    error = connect_to(fd, peer, peer_length);
  }
  if (error) {
    bp_socket_close(socket);
    return error;
  }
  *out = socket;
  return 0;
}

/* ---- Messages ---- */

static void note_sender(const struct bp_arrival *arrival, struct bp_endpoint *from) {
  const size_t header = offsetof(struct sockaddr_un, sun_path);
  memset(from, 0, sizeof *from);
  if (arrival->from_length <= header) {
    return;
  }
  const char *path = ((const struct sockaddr_un *)&arrival->from)->sun_path;
  const size_t room = arrival->from_length - header;
  const size_t length = room < sizeof from->path ? room : sizeof from->path;
  /* Of a file the length may count the NUL behind it, and more; of an abstract name it is exact. */
  from->path_length = bp_local_path_is_abstract(path, length) ? length : strnlen(path, length);
  memcpy(from->path, path, from->path_length);
}

static int local_datagram_receive(struct bp_socket *socket, struct bp_message *messages,
                                  size_t count) {
  struct bp_arrival arrivals[BP_MAX_MESSAGES];
  const int got = bp_fd_receive(socket->fd, messages, arrivals, count);
  for (int i = 0; i < got; i++) {
    note_sender(&arrivals[i], &messages[i].from);
    messages[i].dropped = 0; /* a sender waits for room instead */
  }
  return got;
}

static int local_datagram_send(struct bp_socket *socket, const struct bp_outgoing *messages,
                               size_t count) {
  struct bp_local_address addresses[BP_MAX_MESSAGES];
  struct bp_departure departures[BP_MAX_MESSAGES];
  for (size_t i = 0; i < count; i++) {
    const struct bp_endpoint *to = messages[i].to;
    departures[i] = (struct bp_departure){.bytes = messages[i].bytes, .length = messages[i].length};
    if (!to) {
      continue;
    }
    const int error = bp_local_address_parse(to->path, to->path_length, &addresses[i]);
    if (error) {
      return i > 0 ? bp_fd_send(socket->fd, departures, i) : error;
    }
    departures[i].to = (const struct sockaddr *)&addresses[i].un;
    departures[i].to_length = addresses[i].length;
  }
  return bp_fd_send(socket->fd, departures, count);
}

const struct bp_kind_ops bp_local_datagram = {
    .kind = BP_KIND_LOCAL_DATAGRAM,
    .size = sizeof(struct local_datagram),
    .events = BP_DATAGRAM_EVENTS,
    .adopt = local_datagram_adopt,
    .close = local_datagram_close,
    .interest = bp_datagram_interest,
    .ask_at = bp_datagram_ask_at,
    .holds = bp_datagram_holds,
    .receive = local_datagram_receive,
    .send = local_datagram_send,
};
