/* What the servers of local streams and those of local packets share. */
#ifndef BIPOLL_LOCAL_SERVER_H
#define BIPOLL_LOCAL_SERVER_H

#include "socket.h"
#include "socket_file.h"

struct bp_local_server {
  struct bp_socket socket; /* first */
  struct bp_socket_file file;
};

/* Listens. type: SOCK_STREAM or SOCK_SEQPACKET. */
int bp_local_server_open(const struct bp_kind_ops *kind, int type,
                         const struct bp_listen_local_options *options, struct bp_socket **out);
void bp_local_server_close(struct bp_socket *socket);
/* The connection of that kind; the rest as accept of kind.h. */
int bp_local_server_accept(struct bp_socket *server, const struct bp_kind_ops *kind,
                           struct bp_socket **out);

#endif
