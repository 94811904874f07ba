/* Descriptors from elsewhere. */
#include "connecting.h"
#include "descriptor.h"
#include "kind.h"
#include "ownership.h"
#include "state.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int option_of(int fd, int option, int *value) {
  socklen_t length = sizeof *value;
  return getsockopt(fd, SOL_SOCKET, option, value, &length) < 0 ? -errno : 0;
}

static enum bp_kind kind_of_ip(int type, bool listens) {
  switch (type) {
  case SOCK_STREAM:
    return listens ? BP_KIND_TCP_SERVER : BP_KIND_TCP_STREAM;
  case SOCK_DGRAM:
    return BP_KIND_UDP;
  default:
    return BP_KIND_DESCRIPTOR; /* such as raw IP */
  }
}

static enum bp_kind kind_of_local(int type, bool listens) {
  switch (type) {
  case SOCK_STREAM:
    return listens ? BP_KIND_LOCAL_SERVER : BP_KIND_LOCAL_STREAM;
  case SOCK_SEQPACKET:
    return listens ? BP_KIND_LOCAL_PACKET_SERVER : BP_KIND_LOCAL_PACKET_STREAM;
  case SOCK_DGRAM:
    return BP_KIND_LOCAL_DATAGRAM;
  default:
    return BP_KIND_DESCRIPTOR;
  }
}

int bp_kind_of(int fd, enum bp_kind *kind) {
  struct stat status;
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (fstat(fd, &status) < 0) {
    return -errno;
  }
  *kind = BP_KIND_DESCRIPTOR;
  if (!S_ISSOCK(status.st_mode)) {
    return 0;
  }
  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
    /* One that has no name at all, such as a socket of AF_ALG. */
    return bp_is_passing(-errno) ? -errno : 0;
  }
  int type = 0;
  int listens = 0;
  int error = option_of(fd, SO_TYPE, &type);
  if (!error) {
    error = option_of(fd, SO_ACCEPTCONN, &listens);
    error = error == -ENOPROTOOPT ? 0 : error; /* some systems do not tell */
  }
  if (error) {
    return error;
  }
  switch (address.ss_family) {
  case AF_INET:
  case AF_INET6:
    *kind = kind_of_ip(type, listens);
    break;
  case AF_UNIX:
    *kind = kind_of_local(type, listens);
    break;
  default:
    break; /* of another family, such as a vsock */
  }
  return 0;
}

int bp_adopt(int fd, enum bp_kind kind, struct bp_socket **out) {
  enum bp_kind actual = BP_KIND_DESCRIPTOR;
  int error = bp_kind_of(fd, &actual);
  if (error) {
    return error;
  }
  if (kind != actual && kind != BP_KIND_DESCRIPTOR) {
    return actual == BP_KIND_DESCRIPTOR ? -ENOTSOCK : -EPROTOTYPE;
  }
  if (!bp_ownership_claim(fd)) {
    return -EBUSY;
  }
  /* A standard stream is meant to survive an exec. */
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
  /* Asked before the peer can reset it: afterwards the system no longer knows that it was
   * connected. */
  bp_socket_determine(*out);
  if (kind != BP_KIND_DESCRIPTOR) {
    bp_descriptor_refuse_sigpipe(fd);
  }
  return 0;
}
