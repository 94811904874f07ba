/* The receiving half of a flow. */
#ifndef BIPOLL_INFLOW_H
#define BIPOLL_INFLOW_H

#include "flow_parts.h"

/* That part of a demand which readiness has to serve. */
unsigned bp_inflow_leaves(const struct bp_flow *flow, unsigned demand);
/* As want of pump.h, of what that leaves. */
void bp_inflow_want(struct bp_flow *flow, unsigned demand, uint64_t tag);

/* The same, of a demand that has not changed but was not met for a while. */
void bp_inflow_resume(struct bp_flow *flow, unsigned demand);

/* Asks the kernel for what is needed. -EAGAIN: it takes no more operations now. */
int bp_inflow_settle(struct bp_flow *flow);
void bp_inflow_completed(struct bp_flow *flow, const struct bp_completion *completion);

/* Gives what was received and not told back to the socket. */
void bp_inflow_give_back(struct bp_flow *flow);

/* Adds records of what came in, as far as there is room. */
void bp_inflow_tell_all(struct bp_flows *flows, struct bp_progress *progress);

#endif
