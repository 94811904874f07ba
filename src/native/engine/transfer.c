/* Reading and writing: what is the same for every kind of socket. */
#include "connecting.h"
#include "kind.h"
#include "state.h"

#include <errno.h>
#include <limits.h>

static bool has_messages(const struct bp_socket *socket) {
  return socket->ops->receive != NULL;
}

int64_t bp_socket_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  const int refusal = has_messages(socket) && !peek ? -EPROTOTYPE : bp_socket_refusal(socket);
  if (refusal) {
    return refusal < 0 ? refusal : 0;
  }
  if (length == 0 && !socket->read_error) {
    return 0;
  }
  if (socket->given_back) {
    return (int64_t)bp_state_take_back(socket, bytes, length, peek);
  }
  if (socket->read_error) {
    return socket->read_error;
  }
  if (length > INT_MAX) {
    length = INT_MAX; /* which is as much as Linux reads at once anyway */
  }
  int64_t got = 0;
  do {
    got = socket->ops->read(socket, bytes, length, peek);
  } while (got == -EINTR);
  return bp_state_read(socket, length, got);
}

int64_t bp_socket_write(struct bp_socket *socket, const void *bytes, size_t length) {
  const int refusal = has_messages(socket) ? -EPROTOTYPE : bp_socket_refusal(socket);
  if (refusal || length == 0) {
    return refusal < 0 ? refusal : 0;
  }
  int64_t taken = 0;
  do {
    taken = socket->ops->write(socket, bytes, length < INT_MAX ? length : INT_MAX);
  } while (taken == -EINTR);
  return bp_state_written(socket, taken);
}

/* Copies the pieces that one write takes: none empty, of INT_MAX bytes at most. Returns how many.
 */
static size_t take_pieces(const struct bp_bytes *pieces, size_t count,
                          struct bp_bytes taken[BP_MAX_PIECES]) {
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
  return used;
}

int64_t bp_socket_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count) {
  struct bp_bytes some[BP_MAX_PIECES];
  const int refusal = has_messages(socket) ? -EPROTOTYPE : bp_socket_refusal(socket);
  if (refusal) {
    return refusal < 0 ? refusal : 0;
  }
  const size_t used = take_pieces(pieces, count, some);
  int64_t taken = 0;
  if (used == 0) {
    return 0;
  }
  do {
    taken = socket->ops->writev(socket, some, used);
  } while (taken == -EINTR);
  return bp_state_written(socket, taken);
}

int bp_socket_shutdown(struct bp_socket *socket) {
  const int refusal = bp_socket_refusal(socket);
  if (refusal) {
    return refusal < 0 ? refusal : -ENOTCONN;
  }
  const int error = socket->ops->end ? socket->ops->end(socket) : -EPROTOTYPE;
  if (bp_is_passing(error)) {
    (void)bp_state_written(socket, error);
  }
  if (error && error != -ENOTCONN) {
    return error;
  }
  bp_state_break_writing(socket);
  return 0;
}
