/* Local streams. */
#include "descriptor.h"
#include "fd_socket.h"
#include "kind.h"
#include "local_address.h"
#include "stream.h"

#include <errno.h>
#include <sys/stat.h>

/* ---- Connecting ---- */

/* Linux says EAGAIN; the others refuse, as where nobody listens. */
static bool is_backlog_full(const struct bp_local_address *address, int error) {
#ifdef __linux__
  (void)address;
  return error == -EAGAIN;
#else
  struct stat file;
  return error == -EAGAIN ||
         (error == -ECONNREFUSED && bp_local_address_probe(address, &file) == 0);
#endif
}

static int local_stream_connect(struct bp_socket *socket) {
  struct bp_local_address address;
  int error = bp_local_address_parse(socket->path, socket->path_length, &address);
  if (error) {
    return error;
  }
  do {
    error = connect(socket->fd, (struct sockaddr *)&address.un, address.length) < 0 ? -errno : 0;
  } while (error == -EINTR);
  if (is_backlog_full(&address, error)) {
    return -EINPROGRESS;
  }
  return error == -EISCONN ? 0 : error;
}

int bp_connect_local(const char *path, size_t path_length, struct bp_socket **out) {
  struct bp_local_address address;
  int fd = -1;
  int error = bp_local_address_parse(path, path_length, &address);
  if (error) {
    return error;
  }
  error = bp_descriptor_socket(AF_UNIX, SOCK_STREAM, &fd);
  if (error) {
    return error;
  }
  struct bp_socket *socket = NULL;
  error = bp_socket_new(&bp_local_stream, BP_RETRYING, fd, path, path_length, &socket);
  if (error) {
    bp_descriptor_close(fd);
    return error;
  }
  return bp_stream_begin(socket, out);
}

/* ---- Those that are connected from the start ---- */

static int new_connected(int fd, struct bp_socket **out) {
  return bp_socket_new(&bp_local_stream, BP_CONNECTED, fd, NULL, 0, out);
}

int bp_socket_pair(struct bp_socket *out[2]) {
  int fds[2];
  int error = bp_descriptor_socket_pair(fds);
  if (error) {
    return error;
  }
  error = new_connected(fds[0], &out[0]);
  if (error) {
    bp_descriptor_close(fds[0]);
    bp_descriptor_close(fds[1]);
    return error;
  }
  error = new_connected(fds[1], &out[1]);
  if (error) {
    bp_socket_close(out[0]);
    bp_descriptor_close(fds[1]);
  }
  return error;
}

const struct bp_kind_ops bp_local_stream = {
    .kind = BP_LOCAL_STREAM,
    .size = sizeof(struct bp_socket),
    .events = BP_STREAM_EVENTS,
    .adopt = new_connected,
    .close = bp_fd_close,
    .connect = local_stream_connect,
    .interest = bp_stream_interest,
    .ask_at = bp_stream_ask_at,
    .holds = bp_stream_holds,
    .has_final_errors = true,
    .read = bp_fd_read,
    .write = bp_fd_write,
    .writev = bp_fd_writev,
    .has_half_close = true,
    .end = bp_fd_end,
};
