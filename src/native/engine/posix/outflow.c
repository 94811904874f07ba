#include "outflow.h"

#include "handing_over.h"
#include "state.h"
#include "uring_abi.h"

#ifdef BP_HAS_URING

/* Fewer bytes are copied for less than a system call costs. */
#define LEAST_AT_ONCE 16384

static void has_news(struct bp_flow *flow) {
  bp_chain_add(&flow->flows->outgoing, &flow->out.link);
}

void bp_outflow_forget(struct bp_flow *flow) {
  bp_outbox_clear(&flow->out.outbox, &flow->flows->blocks);
  flow->out.is_ending = false;
}

/* ---- What is asked of the kernel ---- */

static void end_sending(struct bp_flow *flow) {
  struct bp_outflow *out = &flow->out;
  const int error = bp_socket_shutdown(flow->socket);
  if (bp_is_passing(error)) {
    bp_flow_rest(flow);
    return;
  }
  out->is_ending = false;
  out->is_ended = true;
  out->end_error = error;
  has_news(flow);
}

int bp_outflow_settle(struct bp_flow *flow) {
  struct bp_outflow *out = &flow->out;
  struct bp_bytes pieces[BP_MAX_PIECES];
  if (out->is_in_flight) {
    return 0;
  }
  if (out->outbox.length > 0) {
    const size_t count = bp_outbox_pieces(&out->outbox, pieces);
    if (bp_ring_send(flow->flows->ring, flow->socket->fd, pieces, count,
                     bp_flow_name(flow, BP_OPERATION_SEND)) < 0) {
      return -EAGAIN;
    }
    out->is_in_flight = true;
  } else if (out->is_ending) {
    end_sending(flow);
  }
  return 0;
}

void bp_outflow_completed(struct bp_flow *flow, int result) {
  struct bp_outflow *out = &flow->out;
  out->is_in_flight = false;
  if (!flow->socket) {
    return;
  }
  if (result == -ECANCELED) {
    bp_flow_make_due(flow);
    return;
  }
  const int64_t taken = result == -EINTR ? 0 : bp_state_written(flow->socket, result);
  if (taken < 0) {
    bp_outflow_forget(flow);
    out->failure = (int)taken;
    has_news(flow);
    return;
  }
  bp_outbox_consume(&out->outbox, &flow->flows->blocks, (size_t)taken);
  if (taken == 0) {
    bp_flow_rest(flow);
    return;
  }
  out->sent_bytes += (size_t)taken;
  has_news(flow);
  if (out->outbox.length > 0 || out->is_ending) {
    bp_flow_make_due(flow);
  }
}

/* ---- What is sent ---- */

int bp_outflow_send(struct bp_flow *flow, const void *bytes, size_t length, uint64_t tag) {
  struct bp_outflow *out = &flow->out;
  const int error = bp_outbox_append(&out->outbox, &flow->flows->blocks, bytes, length, NULL);
  out->tag = tag;
  if (!error) {
    bp_flow_make_due(flow);
  }
  return error;
}

int64_t bp_outflow_send_at_once(struct bp_flow *flow, const void *bytes, size_t length,
                                uint64_t tag) {
  const bool may_pass = length >= LEAST_AT_ONCE && flow->out.outbox.length == 0;
  const int64_t taken = may_pass ? bp_socket_write(flow->socket, bytes, length) : 0;
  if (taken < 0 || (size_t)taken == length) {
    return taken;
  }
  const int error =
      bp_outflow_send(flow, (const uint8_t *)bytes + taken, length - (size_t)taken, tag);
  return error ? error : taken;
}

void bp_outflow_end(struct bp_flow *flow, uint64_t tag) {
  flow->out.is_ending = true;
  flow->out.tag = tag;
  bp_flow_make_due(flow);
}

size_t bp_outflow_queued_bytes(const struct bp_flow *flow) {
  return flow->out.outbox.length;
}

size_t bp_outflow_leave(struct bp_flow *flow) {
  struct bp_outflow *out = &flow->out;
  if (out->is_in_flight) {
    return out->outbox.length; /* the kernel did not let go of it */
  }
  (void)bp_hand_over(flow->socket, &out->outbox, &flow->flows->blocks); /* what fails is left */
  const size_t left = out->outbox.length;
  bp_outflow_forget(flow);
  bp_chain_remove(&out->link);
  out->sent_bytes = 0;
  out->failure = 0;
  out->is_ended = false;
  return left;
}

int bp_outflow_hand_on(struct bp_flow *flow) {
  struct bp_pump *readiness = flow->flows->readiness;
  struct bp_outflow *out = &flow->out;
  struct bp_bytes pieces[BP_MAX_PIECES];
  while (out->outbox.length > 0) {
    (void)bp_outbox_pieces(&out->outbox, pieces);
    const int error =
        readiness->ops->send(readiness, flow->socket, pieces[0].bytes, pieces[0].length, out->tag);
    if (error) {
      return error;
    }
    bp_outbox_consume(&out->outbox, &flow->flows->blocks, pieces[0].length);
  }
  return 0;
}

/* ---- Telling ---- */

static void tell(struct bp_flow *flow, struct bp_progress *progress) {
  struct bp_outflow *out = &flow->out;
  if (out->sent_bytes > 0) {
    bp_progress_add(progress, out->tag, BP_RECORD_SENT, (int64_t)out->sent_bytes);
    out->sent_bytes = 0;
  }
  if (out->failure) {
    bp_progress_add(progress, out->tag, BP_RECORD_SEND_FAILED, out->failure);
    out->failure = 0;
  }
  if (out->is_ended) {
    bp_progress_add(progress, out->tag, BP_RECORD_ENDED, out->end_error);
    out->is_ended = false;
  }
}

void bp_outflow_tell_all(struct bp_flows *flows, struct bp_progress *progress) {
  while (!bp_chain_is_empty(&flows->outgoing) &&
         bp_progress_has_room(progress, BP_RECORDS_PER_SOCKET)) {
    tell(BP_LINKED(bp_chain_take(&flows->outgoing), struct bp_flow, out.link), progress);
  }
}

#endif
