/*
 * What the files of a flow share. A flow is one stream over a ring: inflow.c is what it receives,
 * outflow.c what it sends, flow.c joins the two and asks the kernel.
 *
 * What is wanted is only noted: a flow is then due, and the next turn of the ring asks the kernel
 * for it, together with all others. So a demand that goes to and fro costs no system call.
 */
#ifndef BIPOLL_FLOW_PARTS_H
#define BIPOLL_FLOW_PARTS_H

#include "chain.h"
#include "observer.h"
#include "outbox.h"
#include "progress.h"
#include "ring.h"
#include "slots.h"

struct bp_flows {
  struct bp_ring *ring;
  struct bp_pump *readiness; /* serves what the ring does not */
  struct bp_waker *waker;
  struct bp_slots slots;
  struct bp_block_pool blocks;
  struct bp_chain due;       /* something is to be asked of the kernel */
  struct bp_chain resting;   /* likewise, but later: the kernel lacked memory */
  struct bp_chain incoming;  /* something came in that was not told yet */
  struct bp_chain outgoing;  /* likewise of what was sent */
  bool is_polling, is_ready; /* of the descriptor of readiness */
};

enum bp_receiving {
  BP_RECEIVING_NOT,
  BP_RECEIVING,          /* the kernel takes what comes */
  BP_RECEIVING_CANCELED, /* it will say that it takes nothing more */
};

enum bp_reader {
  BP_READER_RING,
  BP_READER_LEAVING, /* the ring, until what it has taken is told; then readiness */
  BP_READER_READINESS,
};

struct bp_inflow {
  struct bp_link link; /* among those that have something to tell */
  uint64_t tag;
  unsigned demand;
  enum bp_receiving receiving;
  enum bp_reader reader;
  struct bp_outbox bytes; /* received and not told */
  bool is_over;           /* behind those bytes */
  int outcome;            /* of that: 0, or a negated errno */
};

struct bp_outflow {
  struct bp_link link; /* among those that have something to tell */
  uint64_t tag;
  struct bp_outbox outbox;
  bool is_in_flight; /* its first bytes are the kernel's, until the send completes */
  bool is_ending;    /* our side ends when the outbox is empty */
  size_t sent_bytes; /* not told */
  int failure;       /* not told; 0: none */
  bool is_ended;     /* not told */
  int end_error;     /* of that */
};

struct bp_flow {
  struct bp_observer observer; /* first */
  struct bp_flows *flows;
  struct bp_socket *socket; /* NULL: it was closed, though the kernel is not done yet */
  bp_token token;
  struct bp_link due; /* in one of the chains due and resting */
  bp_deadline_ns rests_until;
  struct bp_inflow in;
  struct bp_outflow out;
};

enum bp_operation { BP_OPERATION_RECEIVE, BP_OPERATION_SEND, BP_OPERATION_CANCEL };

/* The name of an operation is the flow's token with its kind. */
#define BP_OPERATION_BITS 2
#define BP_OPERATION_MASK ((UINT64_C(1) << BP_OPERATION_BITS) - 1)

uint64_t bp_flow_name(const struct bp_flow *flow, enum bp_operation operation);

void bp_flow_make_due(struct bp_flow *flow);
/* Makes it due in a while. */
void bp_flow_rest(struct bp_flow *flow);

#endif
