/* Connecting to local servers: what local streams and local packets share. */
#ifndef BIPOLL_LOCAL_CLIENT_H
#define BIPOLL_LOCAL_CLIENT_H

#include "socket.h"

/* Makes a socket of that kind and begins to connect it. type: SOCK_STREAM or SOCK_SEQPACKET. */
int bp_local_client_open(const struct bp_kind_ops *kind, int type, const char *path,
                         size_t path_length, struct bp_socket **out);

/* As connect of kind.h. */
int bp_local_client_connect(struct bp_socket *socket);

#endif
