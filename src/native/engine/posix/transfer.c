#include "transfer.h"

#include "probe.h"

#include <errno.h>
#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing there is SO_NOSIGPIPE: descriptor.c */
#endif

/* ---- Descriptors from elsewhere ---- */

static bool may_block(const struct bp_socket *socket) {
  return socket->may_block && !socket->is_always_ready;
}

static int64_t descriptor_read(struct bp_socket *socket, void *bytes, size_t length) {
  if (may_block(socket) &&
      !(bp_socket_probe(socket, BP_READ) & (BP_READ | BP_HUNG_UP | BP_ERROR))) {
    return -EAGAIN;
  }
  ssize_t got = 0;
  do {
    got = read(socket->fd, bytes, length);
  } while (got < 0 && errno == EINTR);
  return got < 0 ? -errno : got;
}

static int64_t descriptor_write(struct bp_socket *socket, const void *bytes, size_t length) {
  if (may_block(socket)) {
    if (!(bp_socket_probe(socket, BP_WRITE) & (BP_WRITE | BP_HUNG_UP | BP_ERROR))) {
      return -EAGAIN;
    }
    /* That much a pipe that is ready takes without blocking; more might. */
    length = length < PIPE_BUF ? length : PIPE_BUF;
  }
  ssize_t taken = 0;
  do {
    taken = write(socket->fd, bytes, length);
  } while (taken < 0 && errno == EINTR);
  return taken < 0 ? -errno : taken;
}

static int64_t descriptor_writev(const struct bp_socket *socket, const struct iovec *pieces,
                                 int count) {
  ssize_t taken = 0;
  do {
    taken = writev(socket->fd, pieces, count);
  } while (taken < 0 && errno == EINTR);
  return taken < 0 ? -errno : taken;
}

/* ---- Sockets ---- */

static int64_t stream_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  ssize_t got = 0;
  do {
    got = recv(socket->fd, bytes, length, MSG_DONTWAIT | (peek ? MSG_PEEK : 0));
  } while (got < 0 && errno == EINTR);
  return got < 0 ? -errno : got;
}

static int64_t write_outcome(ssize_t taken) {
  if (taken >= 0) {
    return taken;
  }
  /* macOS says so of a socket that is being reset. */
  return errno == EPROTOTYPE ? -ECONNRESET : -errno;
}

/* ---- Either ---- */

int64_t bp_transfer_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  if (socket->kind != BP_DESCRIPTOR) {
    return stream_read(socket, bytes, length, peek);
  }
  return peek ? -ENOTSOCK : descriptor_read(socket, bytes, length);
}

int64_t bp_transfer_write(struct bp_socket *socket, const void *bytes, size_t length) {
  if (socket->kind == BP_DESCRIPTOR) {
    return descriptor_write(socket, bytes, length);
  }
  ssize_t taken = 0;
  do {
    taken = send(socket->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (taken < 0 && errno == EINTR);
  return write_outcome(taken);
}

int64_t bp_transfer_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count) {
  struct iovec vector[BP_MAX_PIECES];
  if (socket->kind == BP_DESCRIPTOR && may_block(socket)) {
    return descriptor_write(socket, pieces[0].bytes, pieces[0].length);
  }
  const uint8_t used = (uint8_t)count; /* fits msg_iovlen: an int here, a size_t there */
  for (size_t i = 0; i < count; i++) {
    vector[i] = (struct iovec){.iov_base = (void *)pieces[i].bytes, .iov_len = pieces[i].length};
  }
  if (socket->kind == BP_DESCRIPTOR) {
    return descriptor_writev(socket, vector, used);
  }
  const struct msghdr message = {.msg_iov = vector, .msg_iovlen = used};
  ssize_t taken = 0;
  do {
    taken = sendmsg(socket->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (taken < 0 && errno == EINTR);
  return write_outcome(taken);
}

int bp_transfer_end(struct bp_socket *socket) {
  return shutdown(socket->fd, SHUT_WR) < 0 ? -errno : 0;
}
