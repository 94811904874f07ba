#ifndef BIPOLL_TCP_STREAM_H
#define BIPOLL_TCP_STREAM_H

#include "socket.h"

/* The socket of a connection that a server accepted. -ENOMEM: the descriptor stays the caller's. */
int bp_tcp_stream_of_accepted(int fd, struct bp_socket **out);

#endif
