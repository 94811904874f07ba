#include "inflow.h"

#include "state.h"
#include "uring_abi.h"

#ifdef BP_HAS_URING

#include <string.h>

/* A peer that has sent so much before it was told is read straight into the batch from then on:
 * that spares a copy, and the kernel takes no more than there is room for. */
#define MANY_BYTES 16384

static bool is_wanted(const struct bp_inflow *in) {
  return in->demand & BP_WANT_BYTES;
}

static bool has_something_to_tell(const struct bp_flow *flow) {
  const struct bp_socket *socket = flow->socket;
  return flow->in.bytes.length > 0 || flow->in.is_over || socket->given_back ||
         socket->read_error || socket->has_ended;
}

/* ---- What is asked of the kernel ---- */

/* The ring has told all that it took. */
static void hand_on_to_readiness(struct bp_flow *flow) {
  struct bp_pump *readiness = flow->flows->readiness;
  struct bp_inflow *in = &flow->in;
  const int error = readiness->ops->want(readiness, flow->socket, in->demand, in->tag);
  in->reader = error ? BP_READER_RING : BP_READER_READINESS;
}

int bp_inflow_settle(struct bp_flow *flow) {
  struct bp_inflow *in = &flow->in;
  struct bp_ring *ring = flow->flows->ring;
  const uint64_t name = bp_flow_name(flow, BP_OPERATION_RECEIVE);
  const bool is_rings = is_wanted(in) && in->reader == BP_READER_RING;
  if (in->receiving == BP_RECEIVING && !is_rings) {
    if (bp_ring_cancel(ring, name, bp_flow_name(flow, BP_OPERATION_CANCEL))) {
      return -EAGAIN;
    }
    in->receiving = BP_RECEIVING_CANCELED;
  }
  if (in->receiving != BP_RECEIVING_NOT || !is_wanted(in) || has_something_to_tell(flow)) {
    return 0;
  }
  if (in->reader == BP_READER_LEAVING) {
    hand_on_to_readiness(flow);
  }
  if (in->reader == BP_READER_RING) {
    if (bp_ring_receive(ring, flow->socket->fd, name)) {
      return -EAGAIN;
    }
    in->receiving = BP_RECEIVING;
  }
  return 0;
}

unsigned bp_inflow_leaves(const struct bp_flow *flow, unsigned demand) {
  const unsigned rings = BP_WANT_BYTES | BP_WANT_PEER_END; /* who reads is told of the end */
  const bool is_rings = demand & BP_WANT_BYTES && !(demand & BP_WANT_DESCRIPTORS) &&
                        flow->in.reader != BP_READER_READINESS;
  return is_rings ? demand & ~rings : demand;
}

void bp_inflow_want(struct bp_flow *flow, unsigned demand, uint64_t tag) {
  struct bp_inflow *in = &flow->in;
  in->tag = tag;
  if (!(demand & BP_WANT_BYTES) || demand & BP_WANT_DESCRIPTORS) {
    bp_inflow_give_back(flow);
    in->reader = BP_READER_RING;
  }
  /* Descriptors come by calls of the system. */
  bp_inflow_resume(flow, demand & BP_WANT_DESCRIPTORS ? 0 : demand);
}

void bp_inflow_resume(struct bp_flow *flow, unsigned demand) {
  struct bp_inflow *in = &flow->in;
  in->demand = demand;
  if (is_wanted(in) && in->reader != BP_READER_READINESS && has_something_to_tell(flow)) {
    bp_chain_add(&flow->flows->incoming, &in->link);
  }
  bp_chain_remove(&flow->due); /* it may be resting */
  bp_flow_make_due(flow);
}

/* ---- What has come ---- */

void bp_inflow_give_back(struct bp_flow *flow) {
  struct bp_inflow *in = &flow->in;
  struct bp_bytes piece[BP_MAX_PIECES];
  bp_chain_remove(&in->link);
  while (in->bytes.length > 0 && bp_outbox_pieces(&in->bytes, piece) > 0) {
    if (bp_state_give_back(flow->socket, piece[0].bytes, piece[0].length)) {
      bp_outbox_clear(&in->bytes, &flow->flows->blocks);
      break;
    }
    bp_outbox_consume(&in->bytes, &flow->flows->blocks, piece[0].length);
  }
  in->is_over = false; /* the socket remembers an error; an end is told again */
}

static void note_over(struct bp_flow *flow, int outcome) {
  flow->in.is_over = true;
  flow->in.outcome = outcome;
}

static void note_failure(struct bp_flow *flow, int error) {
  switch (error) {
  case -ECANCELED:
  case -ENOBUFS: /* the others took all buffers, which are free again now */
    return;
  case -EAGAIN:
  case -EINTR:
  case -ENOMEM:
    bp_flow_rest(flow);
    return;
  default:
    note_over(flow, (int)bp_state_read(flow->socket, 1, error));
  }
}

void bp_inflow_completed(struct bp_flow *flow, const struct bp_completion *completion) {
  struct bp_inflow *in = &flow->in;
  if (!completion->has_more) {
    in->receiving = BP_RECEIVING_NOT;
    bp_flow_make_due(flow);
  }
  if (!flow->socket || in->is_over) { /* what follows bytes that were lost is of no use */
    return;
  }
  if (completion->result < 0) {
    note_failure(flow, completion->result);
  } else if (completion->result == 0) {
    /* Where another read has taken the failure from the kernel, that reports a mere end. */
    note_over(flow, flow->socket->read_error);
  } else if (bp_outbox_append(&in->bytes, &flow->flows->blocks, completion->bytes,
                              (size_t)completion->result, NULL)) {
    note_over(flow, -ENOMEM);
  }
  if (in->bytes.length >= MANY_BYTES && in->reader == BP_READER_RING) {
    in->reader = BP_READER_LEAVING;
    bp_flow_make_due(flow);
  }
  if (!has_something_to_tell(flow)) {
    return;
  }
  if (is_wanted(in)) {
    bp_chain_add(&flow->flows->incoming, &in->link);
  } else {
    bp_inflow_give_back(flow);
  }
}

/* ---- Telling ---- */

static size_t copy(struct bp_flow *flow, uint8_t *to, size_t room) {
  struct bp_bytes pieces[BP_MAX_PIECES];
  struct bp_outbox *bytes = &flow->in.bytes;
  size_t copied = bp_state_take_back(flow->socket, to, room, false);
  while (copied < room && bytes->length > 0) {
    bp_outbox_pieces(bytes, pieces);
    const size_t left = room - copied;
    const size_t length = pieces[0].length < left ? pieces[0].length : left;
    memcpy(to + copied, pieces[0].bytes, length);
    bp_outbox_consume(bytes, &flow->flows->blocks, length);
    copied += length;
  }
  return copied;
}

static void tell_bytes(struct bp_flow *flow, struct bp_progress *progress) {
  const size_t room = progress->batch->byte_capacity - progress->bytes;
  const size_t length = copy(flow, progress->batch->bytes + progress->bytes,
                             room < BP_BYTES_PER_TURN ? room : BP_BYTES_PER_TURN);
  if (length > 0) {
    bp_progress_add(progress, flow->in.tag, BP_RECORD_BYTES, (int64_t)length)->offset =
        progress->bytes;
    progress->bytes += length;
  }
}

static void tell_end(struct bp_flow *flow, struct bp_progress *progress) {
  struct bp_inflow *in = &flow->in;
  const int outcome = in->is_over ? in->outcome : flow->socket->read_error;
  if (outcome == 0) {
    (void)bp_state_read(flow->socket, 1, 0);
  }
  bp_progress_add(progress, in->tag, BP_RECORD_END, outcome);
  in->is_over = false;
  in->demand &= ~(unsigned)BP_WANT_BYTES;
}

/* Returns whether it has more to tell. */
static bool tell(struct bp_flow *flow, struct bp_progress *progress) {
  const struct bp_inflow *in = &flow->in;
  tell_bytes(flow, progress);
  if (in->bytes.length > 0 || flow->socket->given_back) {
    return true;
  }
  if (has_something_to_tell(flow)) {
    tell_end(flow, progress);
  }
  if (in->receiving == BP_RECEIVING_NOT) {
    bp_flow_make_due(flow);
  }
  return false;
}

static bool has_room(const struct bp_progress *progress) {
  return bp_progress_has_room(progress, BP_RECORDS_PER_SOCKET) &&
         progress->bytes < progress->batch->byte_capacity;
}

void bp_inflow_tell_all(struct bp_flows *flows, struct bp_progress *progress) {
  const struct bp_link *first_left = NULL; /* of those that wait for the next batch */
  while (!bp_chain_is_empty(&flows->incoming) && flows->incoming.ends.next != first_left &&
         has_room(progress)) {
    struct bp_link *link = bp_chain_take(&flows->incoming);
    if (tell(BP_LINKED(link, struct bp_flow, in.link), progress)) {
      bp_chain_add(&flows->incoming, link);
      first_left = first_left ? first_left : link;
    }
  }
}

#endif
