/* The sending half of a flow. */
#ifndef BIPOLL_OUTFLOW_H
#define BIPOLL_OUTFLOW_H

#include "flow_parts.h"

/* As send, send_at_once, end and queued_bytes of pump.h. */
int bp_outflow_send(struct bp_flow *flow, const void *bytes, size_t length, uint64_t tag);
int64_t bp_outflow_send_at_once(struct bp_flow *flow, const void *bytes, size_t length,
                                uint64_t tag);
void bp_outflow_end(struct bp_flow *flow, uint64_t tag);
size_t bp_outflow_queued_bytes(const struct bp_flow *flow);
/* As leave of pump.h, once nothing is in flight. */
size_t bp_outflow_leave(struct bp_flow *flow);

/* Whatever waits is lost. Not while something is in flight. */
void bp_outflow_forget(struct bp_flow *flow);

/* Moves what waits to the pump over readiness. Not while something is in flight. */
int bp_outflow_hand_on(struct bp_flow *flow);

/* Asks the kernel for what is needed. -EAGAIN: it takes no more operations now. */
int bp_outflow_settle(struct bp_flow *flow);
void bp_outflow_completed(struct bp_flow *flow, int result);

/* Adds records of what was sent, as far as there is room. */
void bp_outflow_tell_all(struct bp_flows *flows, struct bp_progress *progress);

#endif
