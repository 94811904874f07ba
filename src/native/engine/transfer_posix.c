/* Reading and writing, on POSIX systems. */
#include "await.h"
#include "descriptor.h"
#include "socket.h"

#include <errno.h>
#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing there is SO_NOSIGPIPE: descriptor.c */
#endif

static int64_t descriptor_read(struct bp_socket *socket, void *bytes, size_t length) {
  if (socket->may_block && !socket->is_always_ready &&
      !(bp_socket_probe(socket, BP_READ) & (BP_READ | BP_HUNG_UP | BP_ERROR))) {
    return -EAGAIN;
  }
  ssize_t got = 0;
  do {
    got = read(socket->fd, bytes, length);
  } while (got < 0 && errno == EINTR);
  return got < 0 ? -errno : got;
}

static int64_t stream_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  ssize_t got = 0;
  do {
    got = recv(socket->fd, bytes, length, MSG_DONTWAIT | (peek ? MSG_PEEK : 0));
  } while (got < 0 && errno == EINTR);
  return got < 0 ? -errno : got;
}

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
  if (peek && socket->kind == BP_DESCRIPTOR) {
    return -ENOTSOCK;
  }
  const int64_t got = socket->kind == BP_DESCRIPTOR ? descriptor_read(socket, bytes, length)
                                                    : stream_read(socket, bytes, length, peek);
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
  socket->read_error = (int)got;
  return got;
}

static int64_t write_outcome(struct bp_socket *socket, ssize_t taken) {
  if (taken >= 0) {
    return taken;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    return 0;
  }
  socket->is_write_broken = true;
  /* macOS says so of a socket that is being reset. */
  return errno == EPROTOTYPE ? -ECONNRESET : -errno;
}

static int64_t descriptor_writev(struct bp_socket *socket, const struct iovec *pieces, int count) {
  struct iovec piece = pieces[0];
  if (socket->may_block && !socket->is_always_ready) {
    if (!(bp_socket_probe(socket, BP_WRITE) & (BP_WRITE | BP_HUNG_UP | BP_ERROR))) {
      return 0;
    }
    /* That much a pipe that is ready takes without blocking; more might. */
    if (piece.iov_len > PIPE_BUF) {
      piece.iov_len = PIPE_BUF;
    }
    pieces = &piece;
    count = 1;
  }
  ssize_t taken = 0;
  do {
    taken = writev(socket->fd, pieces, count);
  } while (taken < 0 && errno == EINTR);
  return write_outcome(socket, taken);
}

int64_t bp_socket_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count) {
  struct iovec vector[BP_MAX_PIECES];
  const int refusal = bp_socket_refusal(socket);
  if (refusal) {
    return refusal < 0 ? refusal : 0;
  }
  size_t total = 0;
  uint8_t used = 0; /* fits msg_iovlen, an int on some systems and a size_t on others */
  for (size_t i = 0; i < count && used < BP_MAX_PIECES; i++) {
    const size_t room = (size_t)INT_MAX - total;
    const size_t length = pieces[i].length < room ? pieces[i].length : room;
    if (length) {
      vector[used++] = (struct iovec){.iov_base = (void *)pieces[i].bytes, .iov_len = length};
      total += length;
    }
  }
  if (!used) {
    return 0;
  }
  if (socket->kind == BP_DESCRIPTOR) {
    return descriptor_writev(socket, vector, used);
  }
  const struct msghdr message = {.msg_iov = vector, .msg_iovlen = used};
  ssize_t taken = 0;
  do {
    taken = sendmsg(socket->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (taken < 0 && errno == EINTR);
  return write_outcome(socket, taken);
}

int64_t bp_socket_write(struct bp_socket *socket, const void *bytes, size_t length) {
  if (socket->kind == BP_DESCRIPTOR) {
    return bp_socket_writev(socket, &(struct bp_bytes){.bytes = bytes, .length = length}, 1);
  }
  const int refusal = bp_socket_refusal(socket);
  if (refusal || length == 0) {
    return refusal < 0 ? refusal : 0;
  }
  ssize_t taken = 0;
  do {
    taken =
        send(socket->fd, bytes, length < INT_MAX ? length : INT_MAX, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (taken < 0 && errno == EINTR);
  return write_outcome(socket, taken);
}

int bp_socket_shutdown(struct bp_socket *socket) {
  const int refusal = bp_socket_refusal(socket);
  if (refusal) {
    return refusal < 0 ? refusal : -ENOTCONN;
  }
  if (shutdown(socket->fd, SHUT_WR) < 0 && errno != ENOTCONN) {
    return -errno;
  }
  socket->is_write_broken = true;
  bp_watches_refresh(socket);
  return 0;
}
