#include "fd_socket.h"

#include "descriptor.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing there is SO_NOSIGPIPE: descriptor.c */
#endif

void bp_fd_close(struct bp_socket *socket) {
  if (!socket->leaves_open) {
    bp_descriptor_close(socket->fd);
  }
}

int64_t bp_fd_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  const ssize_t got = recv(socket->fd, bytes, length, MSG_DONTWAIT | (peek ? MSG_PEEK : 0));
  return got < 0 ? -errno : got;
}

static int64_t write_outcome(ssize_t taken) {
  if (taken >= 0) {
    return taken;
  }
  /* macOS says so of a socket that is being reset. */
  return errno == EPROTOTYPE ? -ECONNRESET : -errno;
}

int64_t bp_fd_write(struct bp_socket *socket, const void *bytes, size_t length) {
  return write_outcome(send(socket->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL));
}

int64_t bp_fd_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count) {
  struct iovec vector[BP_MAX_PIECES];
  const uint8_t used = (uint8_t)count; /* fits msg_iovlen: an int here, a size_t there */
  for (size_t i = 0; i < count; i++) {
    vector[i] = (struct iovec){.iov_base = (void *)pieces[i].bytes, .iov_len = pieces[i].length};
  }
  const struct msghdr message = {.msg_iov = vector, .msg_iovlen = used};
  return write_outcome(sendmsg(socket->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
}

int bp_fd_end(struct bp_socket *socket) {
  return shutdown(socket->fd, SHUT_WR) < 0 ? -errno : 0;
}
