/*
 * The streams that a ring serves. A flow lasts until its socket is closed, and until the kernel is
 * done with its operations.
 */
#ifndef BIPOLL_FLOW_H
#define BIPOLL_FLOW_H

#include "flow_parts.h"

/* waker: has the loop drain. */
void bp_flows_init(struct bp_flows *flows, struct bp_ring *ring, struct bp_pump *readiness,
                   struct bp_waker *waker);
/* Bytes that were received and not told go back to their sockets. */
void bp_flows_close(struct bp_flows *flows);

/* The flow of a socket; NULL: it has none. */
struct bp_flow *bp_flow_of(const struct bp_flows *flows, const struct bp_socket *socket);
/* The same, made where there is none. NULL for want of memory. */
struct bp_flow *bp_flow_need(struct bp_flows *flows, struct bp_socket *socket);

/* Has the pump over readiness send what waits, and what follows it. 0 or a negated errno. */
int bp_flow_hand_on_sending(struct bp_flow *flow);
/* As leave of pump.h. */
size_t bp_flow_leave(struct bp_flow *flow);

/* Asks the kernel for what is due, enters the ring where there is reason to, and notes what was
 * completed. 0 or a negated errno. */
int bp_flows_turn(struct bp_flows *flows, enum bp_ring_depth depth);
/* When the first one that rests is due again. */
bp_deadline_ns bp_flows_next_look(const struct bp_flows *flows);

#endif
