/* What a socket's state and readiness mean: the predicates, the same for every backend. */
#ifndef BIPOLL_PREDICATES_H
#define BIPOLL_PREDICATES_H

#include "socket.h"

/* What must be watched for to notice these events. */
unsigned bp_socket_interest(const struct bp_socket *socket, unsigned events);

/* When to ask the socket itself, since no kernel will tell: BP_AT_ONCE at each wait, BP_FOREVER
 * never. */
bp_deadline_ns bp_socket_ask_at(const struct bp_socket *socket, unsigned events);

/* As bp_socket_holds, given the readiness that was found while interest was watched for. */
unsigned bp_socket_holds_given(struct bp_socket *socket, unsigned events, unsigned readiness,
                               unsigned interest);

#endif
