/* Reading and writing: what is remembered of it, the same on every system. */
#include "transfer.h"

#include <errno.h>
#include <limits.h>

int64_t bp_socket_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  const int refusal = bp_socket_refusal(socket);
  if (refusal) {
    return refusal < 0 ? refusal : 0;
  }
  if (socket->read_error) {
    return socket->read_error;
  }
  if (length == 0) {
    return 0;
  }
  if (length > INT_MAX) {
    length = INT_MAX; /* which is as much as Linux reads at once anyway */
  }
  const int64_t got = bp_transfer_read(socket, bytes, length, peek);
  if (got > 0) {
    socket->is_drained = (size_t)got < length;
    return got;
  }
  if (got == 0) {
    socket->has_ended = true;
    return BP_END;
  }
  if (got == -EAGAIN || got == -EWOULDBLOCK) {
    return 0;
  }
  if (got != -ENOTSOCK) { /* which is only a refusal to look ahead */
    socket->read_error = (int)got;
  }
  return got;
}

static int64_t note_written(struct bp_socket *socket, int64_t taken) {
  if (taken >= 0) {
    return taken;
  }
  if (taken == -EAGAIN || taken == -EWOULDBLOCK) {
    return 0;
  }
  socket->is_write_broken = true;
  return taken;
}

int64_t bp_socket_write(struct bp_socket *socket, const void *bytes, size_t length) {
  const int refusal = bp_socket_refusal(socket);
  if (refusal || length == 0) {
    return refusal < 0 ? refusal : 0;
  }
  return note_written(socket,
                      bp_transfer_write(socket, bytes, length < INT_MAX ? length : INT_MAX));
}

int64_t bp_socket_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count) {
  struct bp_bytes taken[BP_MAX_PIECES];
  const int refusal = bp_socket_refusal(socket);
  if (refusal) {
    return refusal < 0 ? refusal : 0;
  }
  size_t total = 0;
  size_t used = 0;
  for (size_t i = 0; i < count && used < BP_MAX_PIECES; i++) {
    const size_t room = (size_t)INT_MAX - total;
    const size_t length = pieces[i].length < room ? pieces[i].length : room;
    if (length) {
      taken[used++] = (struct bp_bytes){.bytes = pieces[i].bytes, .length = length};
      total += length;
    }
  }
  return used ? note_written(socket, bp_transfer_writev(socket, taken, used)) : 0;
}

int bp_socket_shutdown(struct bp_socket *socket) {
  const int refusal = bp_socket_refusal(socket);
  if (refusal) {
    return refusal < 0 ? refusal : -ENOTCONN;
  }
  const int error = bp_transfer_end(socket);
  if (error && error != -ENOTCONN) {
    return error;
  }
  socket->is_write_broken = true;
  bp_socket_changed(socket);
  return 0;
}
