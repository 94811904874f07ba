#include "local_client.h"

#include "descriptor.h"
#include "local_address.h"
#include "stream.h"

#include <errno.h>
#include <sys/stat.h>

/* Linux says EAGAIN; the others refuse, as where nobody listens. */
static bool is_backlog_full(const struct bp_local_address *address, int error) {
#ifdef __linux__
  (void)address;
  return error == -EAGAIN;
#else
  struct stat file;
  return error == -EAGAIN ||
         (error == -ECONNREFUSED && bp_local_address_probe(address, &file) == 0);
#endif
}

int bp_local_client_connect(struct bp_socket *socket) {
  struct bp_local_address address;
  int error = bp_local_address_parse(socket->path, socket->path_length, &address);
  if (error) {
    return error;
  }
  do {
    error = connect(socket->fd, (struct sockaddr *)&address.un, address.length) < 0 ? -errno : 0;
  } while (error == -EINTR);
  if (is_backlog_full(&address, error)) {
    return -EINPROGRESS;
  }
  return error == -EISCONN ? 0 : error;
}

int bp_local_client_open(const struct bp_kind_ops *kind, int type, const char *path,
                         size_t path_length, struct bp_socket **out) {
  struct bp_local_address address;
  struct bp_socket *socket = NULL;
  int fd = -1;
  int error = bp_local_address_parse(path, path_length, &address);
  if (error) {
    return error;
  }
  error = bp_descriptor_socket(AF_UNIX, type, &fd);
  if (error) {
    return error;
  }
  error = bp_socket_new(kind, BP_STATE_RETRYING, fd, path, path_length, &socket);
  if (error) {
    bp_descriptor_close(fd);
    return error;
  }
  return bp_stream_begin(socket, out);
}
