#include "local_address.h"

#include "descriptor.h"
#include "engine.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool bp_local_path_is_abstract(const char *path, size_t length) {
  return length > 0 && path[0] == '\0';
}

int bp_local_address_parse(const char *path, size_t length, struct bp_local_address *out) {
  memset(out, 0, sizeof *out);
  out->un.sun_family = AF_UNIX;
  const bool abstract = bp_local_path_is_abstract(path, length);
#ifndef __linux__
  if (abstract) {
    return -ENOTSUP;
  }
#endif
  if (length == 0 || (!abstract && memchr(path, '\0', length))) {
    return -EINVAL;
  }
  /* Never truncated: a shorter path is another path. One byte stays for the NUL of a file's. */
  if (length + (abstract ? 0 : 1) > sizeof out->un.sun_path) {
    return -ENAMETOOLONG;
  }
  memcpy(out->un.sun_path, path, length);
  /* The length counts: with its zeros an abstract name would be another name. */
  out->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (abstract ? 0 : 1));
  return 0;
}

/*
 * A datagram socket asks: it gets EPROTOTYPE from every stream socket that is bound, even when its
 * backlog is full or it does not listen yet, where a stream would be refused as by a stale file.
 * And the server is not bothered with a connection.
 */
int bp_local_address_probe(const struct bp_local_address *address, struct stat *file) {
  int fd = -1;
  if (lstat(address->un.sun_path, file) < 0) {
    return -errno;
  }
  if (!S_ISSOCK(file->st_mode)) {
    return 0;
  }
  int error = bp_descriptor_socket(AF_UNIX, SOCK_DGRAM, &fd);
  if (error) {
    return error;
  }
  const int result = connect(fd, (const struct sockaddr *)&address->un, address->length);
  error = result < 0 ? errno : 0;
  close(fd);
  return error == ECONNREFUSED ? BP_STALE : 0;
}
