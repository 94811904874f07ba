/* Whether a socket is connected, which comes before all else that is asked of it. */
#ifndef BIPOLL_CONNECTING_H
#define BIPOLL_CONNECTING_H

#include "socket.h"

/* Learns from the system whether connecting is over. */
void bp_socket_determine(struct bp_socket *socket);

/* 0: it is connected; 1: still connecting; otherwise why connecting failed. */
int bp_socket_refusal(struct bp_socket *socket);

#endif
