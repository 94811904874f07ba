/* Local streams. */
#include "descriptor.h"
#include "fd_socket.h"
#include "kind.h"
#include "local_client.h"
#include "stream.h"

#include <sys/socket.h>

int bp_connect_local(const char *path, size_t path_length, struct bp_socket **out) {
  return bp_local_client_open(&bp_local_stream, SOCK_STREAM, path, path_length, out);
}

/* ---- Those that are connected from the start ---- */

static int new_connected(int fd, struct bp_socket **out) {
  return bp_socket_new(&bp_local_stream, BP_STATE_CONNECTED, fd, NULL, 0, out);
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
    .kind = BP_KIND_LOCAL_STREAM,
    .size = sizeof(struct bp_socket),
    .events = BP_STREAM_EVENTS,
    .adopt = new_connected,
    .close = bp_fd_close,
    .connect = bp_local_client_connect,
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
