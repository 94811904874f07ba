/* Entries for the tables of connections that carry a stream of bytes each way. */
#ifndef BIPOLL_STREAM_H
#define BIPOLL_STREAM_H

#include "socket.h"

#define BP_STREAM_EVENTS                                                                           \
  (BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_CONNECTION_FAILED |              \
   BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE | BP_EVENT_REMOTE_DISCONNECTED)

/* The first try of a new socket in BP_STATE_RETRYING, which is out's afterwards, or closed on an
 * error.
 */
int bp_stream_begin(struct bp_socket *socket, struct bp_socket **out);

unsigned bp_stream_interest(const struct bp_socket *socket, unsigned events);
bp_deadline_ns bp_stream_ask_at(const struct bp_socket *socket, unsigned events);
/* May read ahead, by the kind's own read. */
unsigned bp_stream_holds(struct bp_socket *socket, unsigned events, unsigned readiness);

#endif
