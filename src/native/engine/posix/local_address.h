/* Where local sockets are: paths and abstract names. */
#ifndef BIPOLL_LOCAL_ADDRESS_H
#define BIPOLL_LOCAL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

struct bp_local_address {
  struct sockaddr_un un;
  socklen_t length;
};

struct stat;

bool bp_local_path_is_abstract(const char *path, size_t length);

/* -EINVAL, -ENAMETOOLONG, or -ENOTSUP for an abstract name where there are none. */
int bp_local_address_parse(const char *path, size_t length, struct bp_local_address *out);

/*
 * Who is at a path: 0: it is somebody's; BP_STALE: it is a socket file that nobody has bound any
 * more; or a negated errno. file: what is there.
 */
int bp_local_address_probe(const struct bp_local_address *address, struct stat *file);

#endif
