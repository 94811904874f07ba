/* Pairs, and descriptors from elsewhere. */
#include "descriptor.h"
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int bp_socket_pair(struct bp_socket *out[2]) {
  int fds[2];
  int error = bp_descriptor_socket_pair(fds);
  if (error) {
    return error;
  }
  error = bp_socket_new(BP_LOCAL_STREAM, BP_CONNECTED, fds[0], NULL, 0, &out[0]);
  if (error) {
    goto close_fds;
  }
  error = bp_socket_new(BP_LOCAL_STREAM, BP_CONNECTED, fds[1], NULL, 0, &out[1]);
  if (error) {
    free(out[0]);
    goto close_fds;
  }
  return 0;

close_fds:
  bp_descriptor_close(fds[0]);
  bp_descriptor_close(fds[1]);
  return error;
}

static int option_of(int fd, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &length) < 0 ? 0 : value;
}

int bp_kind_of(int fd, enum bp_kind *kind) {
  struct stat status;
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (fstat(fd, &status) < 0) {
    return -errno;
  }
  if (!S_ISSOCK(status.st_mode)) {
    *kind = BP_DESCRIPTOR;
    return S_ISDIR(status.st_mode) ? -EISDIR : 0;
  }
  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
    return -errno;
  }
  if (option_of(fd, SO_TYPE) != SOCK_STREAM) {
    return -EPROTOTYPE;
  }
  const bool listens = option_of(fd, SO_ACCEPTCONN);
  switch (address.ss_family) {
  case AF_INET:
  case AF_INET6:
    *kind = listens ? BP_TCP_SERVER : BP_TCP_STREAM;
    return 0;
  case AF_UNIX:
    *kind = listens ? BP_LOCAL_SERVER : BP_LOCAL_STREAM;
    return 0;
  default:
    return -EAFNOSUPPORT;
  }
}

static int adopt_descriptor(struct bp_socket *socket) {
  struct stat status;
  if (fstat(socket->fd, &status) < 0) {
    return -errno;
  }
  socket->is_always_ready = S_ISREG(status.st_mode);
  socket->may_block = !(fcntl(socket->fd, F_GETFL) & O_NONBLOCK);
  return 0;
}

int bp_adopt(int fd, enum bp_kind kind, struct bp_socket **out) {
  enum bp_kind actual = BP_DESCRIPTOR;
  struct bp_socket *socket = NULL;
  int error = bp_kind_of(fd, &actual);
  if (error) {
    return error;
  }
  if (kind != actual && kind != BP_DESCRIPTOR) {
    return actual == BP_DESCRIPTOR ? -ENOTSOCK : -EPROTOTYPE;
  }
  const bool listens = kind == BP_TCP_SERVER || kind == BP_LOCAL_SERVER;
  const bool is_tcp_stream = kind == BP_TCP_STREAM;
  error = bp_socket_new(kind,
                        listens         ? BP_LISTENING
                        : is_tcp_stream ? BP_CONNECTING
                                        : BP_CONNECTED,
                        fd, NULL, 0, &socket);
  if (error) {
    return error;
  }
  if (kind == BP_DESCRIPTOR) {
    error = adopt_descriptor(socket);
  } else if (listens) {
    error = bp_descriptor_set_non_blocking(fd);
  }
  /* Of a standard stream both ends of an exec are meant to have it. */
  if (!error && fd > STDERR_FILENO) {
    error = bp_descriptor_set_close_on_exec(fd);
  }
  if (error) {
    free(socket);
    return error;
  }
  if (kind != BP_DESCRIPTOR) {
    bp_descriptor_refuse_sigpipe(fd);
  }
  if (is_tcp_stream) {
    bp_tcp_remember_peer(socket);
  }
  *out = socket;
  return 0;
}
