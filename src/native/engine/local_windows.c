/* Local streams on Windows: to come as named pipes. */
#include "socket.h"

#include <errno.h>

int bp_listen_local(const struct bp_listen_local_options *options, struct bp_socket **out) {
  (void)options;
  (void)out;
  return -ENOTSUP;
}

int bp_connect_local(const char *path, size_t path_length, struct bp_socket **out) {
  (void)path;
  (void)path_length;
  (void)out;
  return -ENOTSUP;
}

int bp_local_connect(struct bp_socket *socket) {
  (void)socket;
  return -ENOTSUP;
}

void bp_local_unlink(struct bp_socket *server) {
  (void)server;
}

int bp_socket_pair(struct bp_socket *out[2]) {
  (void)out;
  return -ENOTSUP;
}

int bp_socket_peer_credentials(const struct bp_socket *socket, struct bp_credentials *out) {
  (void)socket;
  (void)out;
  return -ENOTSUP;
}
