/* Entries for the tables of datagram sockets: each message names its receiver, or all go to one
 * peer. */
#ifndef BIPOLL_DATAGRAM_H
#define BIPOLL_DATAGRAM_H

#include "socket.h"

#define BP_DATAGRAM_EVENTS (BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE)

unsigned bp_datagram_interest(const struct bp_socket *socket, unsigned events);
bp_deadline_ns bp_datagram_ask_at(const struct bp_socket *socket, unsigned events);
unsigned bp_datagram_holds(struct bp_socket *socket, unsigned events, unsigned readiness);

#endif
