/* How the system is asked about one socket. */
#ifndef BIPOLL_PROBE_H
#define BIPOLL_PROBE_H

#include "await.h"
#include "socket.h"

/* What is watched instead of the descriptor; NULL: the descriptor is. */
struct bp_waitable *bp_socket_waitable(const struct bp_socket *socket);

/* What to wait for to notice that a socket is ready for this. */
struct bp_awaited bp_socket_awaited(const struct bp_socket *socket, unsigned interest);

/* A look at the descriptor, without waiting. Only what is of interest is looked for. */
unsigned bp_socket_probe(const struct bp_socket *socket, unsigned interest);

#endif
