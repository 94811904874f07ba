/* Entries for the tables of servers: they have one event, and rest when the process runs out of
 * descriptors. */
#ifndef BIPOLL_SERVER_H
#define BIPOLL_SERVER_H

#include "socket.h"

#define BP_SERVER_EVENTS BP_EVENT_CONNECTION_AVAILABLE

unsigned bp_server_interest(const struct bp_socket *server, unsigned events);
bp_deadline_ns bp_server_ask_at(const struct bp_socket *server, unsigned events);
unsigned bp_server_holds(struct bp_socket *server, unsigned events, unsigned readiness);

#endif
