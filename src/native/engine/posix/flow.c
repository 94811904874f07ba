#include "flow.h"

#include "deadline.h"
#include "inflow.h"
#include "outflow.h"
#include "socket.h"
#include "uring_abi.h"

#ifdef BP_HAS_URING

#include <errno.h>
#include <stdlib.h>

/* Its kind alone: no flow has the token 0. */
#define NAME_OF_POLL BP_OPERATION_MASK

/* ---- Coming and going ---- */

static bool is_idle(const struct bp_flow *flow) {
  return flow->in.receiving == BP_RECEIVING_NOT && !flow->out.is_in_flight;
}

static void free_flow(struct bp_flow *flow) {
  struct bp_flows *flows = flow->flows;
  bp_chain_remove(&flow->due);
  bp_slots_remove(&flows->slots, flow->token);
  bp_outbox_clear(&flow->out.outbox, &flows->blocks);
  free(flow);
}

/* Cancels a send that waits for room, and waits until the kernel is done with its bytes. */
static void stop_sending(struct bp_flow *flow) {
  struct bp_ring *ring = flow->flows->ring;
  bool is_canceled = false;
  while (flow->out.is_in_flight) {
    is_canceled = is_canceled || bp_ring_cancel(ring, bp_flow_name(flow, BP_OPERATION_SEND),
                                                bp_flow_name(flow, BP_OPERATION_CANCEL)) == 0;
    if (bp_flows_turn(flow->flows, BP_RING_WAIT)) {
      return;
    }
  }
}

/* Nothing must be wanted. */
static void stop_receiving(struct bp_flow *flow) {
  do {
    bp_chain_remove(&flow->due); /* it may be resting */
    bp_flow_make_due(flow);
    if (flow->in.receiving == BP_RECEIVING_NOT) {
      return;
    }
  } while (bp_flows_turn(flow->flows, BP_RING_WAIT) == 0);
}

/* The kernel keeps the socket of an operation open. So that closing the socket closes it, this
 * waits until there is no operation. What was not sent is lost. */
static void stop(struct bp_flow *flow) {
  flow->in.demand = 0;
  stop_sending(flow);
  if (!flow->out.is_in_flight) {
    bp_outflow_forget(flow);
  }
  stop_receiving(flow);
  if (!is_idle(flow)) {
    bp_ring_withdraw(flow->flows->ring, flow->socket->fd);
  }
}

/* Readers hear of the bytes in the next batch, unless somebody reads them before. */
static void on_socket_recalled(struct bp_observer *observer) {
  struct bp_flow *flow = (struct bp_flow *)observer;
  const unsigned demand = flow->in.demand;
  flow->in.demand = 0;
  stop_receiving(flow);
  bp_inflow_give_back(flow);
  bp_inflow_resume(flow, demand);
}

static void leave_socket(struct bp_flow *flow) {
  stop(flow);
  bp_chain_remove(&flow->in.link);
  bp_chain_remove(&flow->out.link);
  bp_inflow_give_back(flow);
  bp_socket_unobserve(flow->socket, &flow->observer);
  flow->socket = NULL;
  if (is_idle(flow)) {
    free_flow(flow);
  }
}

static void on_socket_changed(struct bp_observer *observer) {
  (void)observer; /* completions tell */
}

static void on_socket_closing(struct bp_observer *observer) {
  leave_socket((struct bp_flow *)observer);
}

static const struct bp_observer_ops flow_ops = {
    .changed = on_socket_changed,
    .closing = on_socket_closing,
    .recall = on_socket_recalled,
};

struct bp_flow *bp_flow_of(const struct bp_flows *flows, const struct bp_socket *socket) {
  for (struct bp_observer *each = socket->observers; each; each = each->next) {
    struct bp_flow *flow = (struct bp_flow *)each;
    if (each->ops == &flow_ops && flow->flows == flows) {
      return flow;
    }
  }
  return NULL;
}

struct bp_flow *bp_flow_need(struct bp_flows *flows, struct bp_socket *socket) {
  struct bp_flow *flow = bp_flow_of(flows, socket);
  if (flow) {
    return flow;
  }
  flow = calloc(1, sizeof *flow);
  if (!flow) {
    return NULL;
  }
  if (bp_slots_add(&flows->slots, flow, &flow->token)) {
    free(flow);
    return NULL;
  }
  flow->observer.ops = &flow_ops;
  flow->flows = flows;
  flow->socket = socket;
  bp_socket_observe(socket, &flow->observer);
  return flow;
}

void bp_flows_init(struct bp_flows *flows, struct bp_ring *ring, struct bp_pump *readiness,
                   struct bp_waker *waker) {
  *flows = (struct bp_flows){.ring = ring, .readiness = readiness, .waker = waker};
  bp_chain_init(&flows->due);
  bp_chain_init(&flows->resting);
  bp_chain_init(&flows->incoming);
  bp_chain_init(&flows->outgoing);
}

void bp_flows_close(struct bp_flows *flows) {
  uint32_t position = 0;
  struct bp_flow *flow = NULL;
  while ((flow = bp_slots_next(&flows->slots, &position))) {
    if (flow->socket) {
      leave_socket(flow);
    }
  }
  bp_slots_free(&flows->slots);
  bp_block_pool_free(&flows->blocks);
}

int bp_flow_hand_on_sending(struct bp_flow *flow) {
  stop_sending(flow);
  return flow->out.is_in_flight ? -ENOMEM : bp_outflow_hand_on(flow);
}

size_t bp_flow_leave(struct bp_flow *flow) {
  stop_sending(flow);
  return bp_outflow_leave(flow);
}

/* ---- What is due ---- */

bp_deadline_ns bp_flows_next_look(const struct bp_flows *flows) {
  /* All rests are of the same length, so the first one ends first. */
  return bp_chain_is_empty(&flows->resting)
             ? BP_FOREVER
             : BP_LINKED(flows->resting.ends.next, struct bp_flow, due)->rests_until;
}

static void end_rests(struct bp_flows *flows) {
  while (!bp_chain_is_empty(&flows->resting) && bp_deadline_passed(bp_flows_next_look(flows))) {
    bp_chain_add(&flows->due, bp_chain_take(&flows->resting));
  }
}

static void settle(struct bp_flows *flows) {
  struct bp_link *link = NULL;
  end_rests(flows);
  while ((link = bp_chain_take(&flows->due))) {
    struct bp_flow *flow = BP_LINKED(link, struct bp_flow, due);
    if (bp_inflow_settle(flow) || (flow->socket && bp_outflow_settle(flow))) {
      bp_flow_make_due(flow);
      return;
    }
  }
}

/* ---- Turns of the ring ---- */

static void complete(struct bp_flows *flows, const struct bp_completion *completion) {
  if (completion->name == NAME_OF_POLL) {
    flows->is_polling = false;
    flows->is_ready = true;
    return;
  }
  struct bp_flow *flow = bp_slots_get(&flows->slots, completion->name >> BP_OPERATION_BITS);
  if (!flow) {
    return; /* of a cancellation that outlasted what it canceled */
  }
  switch ((enum bp_operation)(completion->name & BP_OPERATION_MASK)) {
  case BP_OPERATION_RECEIVE:
    bp_inflow_completed(flow, completion);
    break;
  case BP_OPERATION_SEND:
    bp_outflow_completed(flow, completion->result);
    break;
  case BP_OPERATION_CANCEL:
    return;
  }
  if (!flow->socket && is_idle(flow)) {
    free_flow(flow);
  }
}

static void poll_readiness(struct bp_flows *flows) {
  if (!flows->is_polling && !flows->is_ready) {
    const int fd = flows->readiness->ops->descriptor(flows->readiness);
    flows->is_polling = bp_ring_poll(flows->ring, fd, NAME_OF_POLL) == 0;
  }
}

int bp_flows_turn(struct bp_flows *flows, enum bp_ring_depth depth) {
  struct bp_completion completion;
  int error = 0;
  settle(flows);
  poll_readiness(flows);
  if (bp_ring_has_prepared(flows->ring) || depth == BP_RING_WAIT ||
      (depth == BP_RING_RUN && bp_ring_has_work(flows->ring))) {
    error = bp_ring_enter(flows->ring, depth);
  }
  while (bp_ring_take(flows->ring, &completion)) {
    complete(flows, &completion);
  }
  if (depth == BP_RING_WAIT) {
    bp_waker_signal(flows->waker); /* others may have completed, which only a drain tells */
  }
  return error;
}

#endif
