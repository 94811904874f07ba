/* Descriptors from elsewhere. */
#include "descriptor.h"
#include "kind.h"
#include "ownership.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

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
  *kind = BP_DESCRIPTOR;
  if (!S_ISSOCK(status.st_mode) || option_of(fd, SO_TYPE) != SOCK_STREAM) {
    return 0;
  }
  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
    return -errno;
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
    return 0; /* a stream of another family, such as a vsock */
  }
}

int bp_adopt(int fd, enum bp_kind kind, struct bp_socket **out) {
  enum bp_kind actual = BP_DESCRIPTOR;
  int error = bp_kind_of(fd, &actual);
  if (error) {
    return error;
  }
  if (kind != actual && kind != BP_DESCRIPTOR) {
    return actual == BP_DESCRIPTOR ? -ENOTSOCK : -EPROTOTYPE;
  }
  if (!bp_ownership_claim(fd)) {
    return -EBUSY;
  }
  /* Of a standard stream both ends of an exec are meant to have it. */
  if (fd > STDERR_FILENO) {
    error = bp_descriptor_set_close_on_exec(fd);
  }
  if (!error) {
    error = bp_kind_find(kind)->adopt(fd, out);
  }
  if (error) {
    bp_ownership_end(fd);
    return error;
  }
  (*out)->leaves_open = fd <= STDERR_FILENO;
  if (kind != BP_DESCRIPTOR) {
    bp_descriptor_refuse_sigpipe(fd);
  }
  return 0;
}
