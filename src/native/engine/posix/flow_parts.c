#include "flow_parts.h"

#include "deadline.h"
#include "uring_abi.h"

#ifdef BP_HAS_URING

#define REST_MS 20

uint64_t bp_flow_name(const struct bp_flow *flow, enum bp_operation operation) {
  return flow->token << BP_OPERATION_BITS | operation;
}

void bp_flow_make_due(struct bp_flow *flow) {
  bp_chain_add(&flow->flows->due, &flow->due);
}

void bp_flow_rest(struct bp_flow *flow) {
  flow->rests_until = bp_deadline_after(REST_MS);
  bp_chain_remove(&flow->due);
  bp_chain_add(&flow->flows->resting, &flow->due);
}

#endif
