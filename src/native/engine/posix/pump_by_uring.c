/*
 * The pump over an io_uring: the kernel receives and sends for the streams of sockets, and one
 * system call hands over what all of them want and brings what all of them got.
 *
 * Whatever is no connected stream is served by a pump over readiness within this one; the ring
 * polls the one descriptor that tells when that has something to do. Bytes that the kernel took
 * ahead of demand wait for the next reader, whoever that is. A connection that it accepted ahead
 * could not wait: its client would be let in beyond the limit, and a server that is passed on would
 * lack it. Nor could a message, which a socket that is passed on would lack. So neither is asked
 * for before somebody wants it.
 */
#include "deadline.h"
#include "flow.h"
#include "inflow.h"
#include "kind.h"
#include "outflow.h"
#include "pollfd.h"
#include "pump.h"
#include "uring_abi.h"

#ifdef BP_HAS_URING

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

/* A drain enters the ring so often at most, since the kernel does only so much at a time. */
#define MOST_TURNS 16

struct pump_by_uring {
  struct bp_pump pump;   /* first */
  struct bp_waker waker; /* the loop waits for it; the kernel signals it as well */
  struct bp_ring *ring;
  struct bp_pump *readiness;
  struct bp_flows flows;
  bool is_readiness_first; /* in the next batch: each of the two begins in turn */
};

static struct pump_by_uring *self_of(struct bp_pump *pump) {
  return (struct pump_by_uring *)pump;
}

static const struct pump_by_uring *const_self_of(const struct bp_pump *pump) {
  return (const struct pump_by_uring *)pump;
}

/* Has the loop drain once more. */
static void call_again(struct pump_by_uring *self) {
  bp_waker_signal(&self->waker);
}

/* ---- Who serves a socket ---- */

static bool is_stream(const struct bp_socket *socket) {
  return socket->state == BP_STATE_CONNECTED &&
         (socket->ops == &bp_tcp_stream || socket->ops == &bp_local_stream);
}

/* What readiness has begun to send, it sends to the end. */
static bool sends_by_ring(const struct pump_by_uring *self, const struct bp_socket *socket) {
  return is_stream(socket) && self->readiness->ops->queued_bytes(self->readiness, socket) == 0;
}

static int uring_want(struct bp_pump *pump, struct bp_socket *socket, unsigned demand,
                      uint64_t tag) {
  struct pump_by_uring *self = self_of(pump);
  struct bp_pump *readiness = self->readiness;
  const bool needs_flow =
      demand & BP_WANT_BYTES && !(demand & BP_WANT_DESCRIPTORS) && is_stream(socket);
  struct bp_flow *flow =
      needs_flow ? bp_flow_need(&self->flows, socket) : bp_flow_of(&self->flows, socket);
  if (!flow) {
    return needs_flow ? -ENOMEM : readiness->ops->want(readiness, socket, demand, tag);
  }
  const unsigned rest = bp_inflow_leaves(flow, demand);
  const int error = readiness->ops->want(readiness, socket, rest, tag);
  if (!error) {
    bp_inflow_want(flow, demand, tag);
    call_again(self);
  }
  return error;
}

static int uring_send(struct bp_pump *pump, struct bp_socket *socket, const void *bytes,
                      size_t length, uint64_t tag) {
  struct pump_by_uring *self = self_of(pump);
  struct bp_pump *readiness = self->readiness;
  if (!sends_by_ring(self, socket)) {
    return readiness->ops->send(readiness, socket, bytes, length, tag);
  }
  struct bp_flow *flow = bp_flow_need(&self->flows, socket);
  return flow ? bp_outflow_send(flow, bytes, length, tag) : -ENOMEM;
}

static int64_t uring_send_at_once(struct bp_pump *pump, struct bp_socket *socket, const void *bytes,
                                  size_t length, uint64_t tag) {
  struct pump_by_uring *self = self_of(pump);
  struct bp_pump *readiness = self->readiness;
  if (!sends_by_ring(self, socket)) {
    return readiness->ops->send_at_once(readiness, socket, bytes, length, tag);
  }
  struct bp_flow *flow = bp_flow_need(&self->flows, socket);
  return flow ? bp_outflow_send_at_once(flow, bytes, length, tag) : -ENOMEM;
}

/* Only a call of the system attaches them. */
static int64_t uring_send_descriptors(struct bp_pump *pump, struct bp_socket *socket,
                                      const void *bytes, size_t length, const int *fds,
                                      size_t count, uint64_t tag) {
  struct pump_by_uring *self = self_of(pump);
  struct bp_pump *readiness = self->readiness;
  struct bp_flow *flow = bp_flow_of(&self->flows, socket);
  const int error = flow ? bp_flow_hand_on_sending(flow) : 0;
  return error
             ? error
             : readiness->ops->send_descriptors(readiness, socket, bytes, length, fds, count, tag);
}

static int uring_end(struct bp_pump *pump, struct bp_socket *socket, double answer_timeout_ms,
                     uint64_t tag) {
  struct pump_by_uring *self = self_of(pump);
  struct bp_pump *readiness = self->readiness;
  if (!sends_by_ring(self, socket)) {
    return readiness->ops->end(readiness, socket, answer_timeout_ms, tag);
  }
  struct bp_flow *flow = bp_flow_need(&self->flows, socket);
  if (!flow) {
    return -ENOMEM;
  }
  bp_outflow_end(flow, tag);
  return 0;
}

static size_t uring_queued_bytes(const struct bp_pump *pump, const struct bp_socket *socket) {
  const struct pump_by_uring *self = const_self_of(pump);
  const struct bp_flow *flow = bp_flow_of(&self->flows, socket);
  return (flow ? bp_outflow_queued_bytes(flow) : 0) +
         self->readiness->ops->queued_bytes(self->readiness, socket);
}

static size_t uring_leave(struct bp_pump *pump, struct bp_socket *socket) {
  struct pump_by_uring *self = self_of(pump);
  struct bp_flow *flow = bp_flow_of(&self->flows, socket);
  const size_t left = self->readiness->ops->leave(self->readiness, socket);
  return left + (flow ? bp_flow_leave(flow) : 0);
}

/* ---- Batches ---- */

static bool has_more(const struct pump_by_uring *self) {
  const struct bp_flows *flows = &self->flows;
  return flows->is_ready || !bp_chain_is_empty(&flows->due) ||
         !bp_chain_is_empty(&flows->incoming) || !bp_chain_is_empty(&flows->outgoing) ||
         bp_ring_has_prepared(self->ring) || bp_ring_has_work(self->ring);
}

/* A batch begins with what the outboxes of the pump over readiness hand over. */
static struct bp_progress begin(struct pump_by_uring *self, const struct bp_batch *batch) {
  const int count = self->readiness->ops->flush(self->readiness, batch);
  return (struct bp_progress){.batch = batch, .records = (size_t)count};
}

static int uring_flush(struct bp_pump *pump, const struct bp_batch *batch) {
  struct pump_by_uring *self = self_of(pump);
  struct bp_progress progress = begin(self, batch);
  (void)bp_flows_turn(&self->flows, BP_RING_SUBMIT);
  bp_outflow_tell_all(&self->flows, &progress);
  /* Only after a drain does the loop ask for the next look. */
  if (has_more(self) || !bp_chain_is_empty(&self->flows.resting)) {
    call_again(self);
  }
  return (int)progress.records;
}

/* The pump over readiness is due by its descriptor, or by the time of its next look. */
static bool is_readiness_due(const struct pump_by_uring *self) {
  return self->flows.is_ready || self->readiness->ops->next_look_ms(self->readiness) == 0;
}

/* Fills what is left of a batch. 0 or a negated errno. */
static int drain_readiness(struct pump_by_uring *self, struct bp_progress *progress) {
  const struct bp_batch *batch = progress->batch;
  if (!bp_progress_has_room(progress, BP_RECORDS_PER_SOCKET) ||
      progress->bytes == batch->byte_capacity) {
    self->flows.is_ready = true;
    return 0;
  }
  const struct bp_batch rest = {
      .records = batch->records + progress->records,
      .record_capacity = batch->record_capacity - progress->records,
      .bytes = batch->bytes + progress->bytes,
      .byte_capacity = batch->byte_capacity - progress->bytes,
  };
  const size_t offset = progress->bytes;
  self->flows.is_ready = false;
  const int count = self->readiness->ops->drain(self->readiness, &rest);
  for (int i = 0; i < count; i++) {
    struct bp_record *record = &rest.records[i];
    if (record->kind == BP_RECORD_BYTES) {
      record->offset += offset;
      progress->bytes = record->offset + (size_t)record->value;
    }
  }
  progress->records += count > 0 ? (size_t)count : 0;
  return count < 0 ? count : 0;
}

/* Lets the kernel work until it has nothing more to do, or has brought enough. */
static int run(struct pump_by_uring *self) {
  int error = bp_flows_turn(&self->flows, BP_RING_RUN);
  for (int turn = 1; turn < MOST_TURNS && !error && bp_ring_has_work(self->ring); turn++) {
    error = bp_flows_turn(&self->flows, BP_RING_RUN);
  }
  return error;
}

static int uring_drain(struct bp_pump *pump, const struct bp_batch *batch) {
  struct pump_by_uring *self = self_of(pump);
  struct bp_progress progress = begin(self, batch);
  bp_waker_drain(&self->waker);
  int error = run(self);
  int other_error = 0;
  const bool is_due = is_readiness_due(self);
  bp_outflow_tell_all(&self->flows, &progress);
  if (is_due && self->is_readiness_first) {
    other_error = drain_readiness(self, &progress);
  }
  bp_inflow_tell_all(&self->flows, &progress);
  if (is_due && !self->is_readiness_first) {
    other_error = drain_readiness(self, &progress);
  }
  error = error ? error : other_error;
  self->is_readiness_first = !self->is_readiness_first;
  (void)bp_flows_turn(&self->flows, BP_RING_SUBMIT); /* what is due because of this batch */
  if (error && progress.records == 0) {
    return error; /* and who drains tries again later */
  }
  if (error || has_more(self)) {
    call_again(self);
  }
  return (int)progress.records;
}

/* ---- Opening, closing, and the loop that drains it ---- */

static int open_parts(struct pump_by_uring *self) {
  int error = bp_waker_open_as(&self->waker, &bp_waker_eventfd);
  if (error) {
    return error;
  }
  error = bp_ring_open(&self->waker, &self->ring);
  if (error) {
    goto close_waker;
  }
  error = bp_pump_by_readiness.open(NULL, &self->readiness);
  if (error) {
    goto close_ring;
  }
  bp_flows_init(&self->flows, self->ring, self->readiness, &self->waker);
  error = bp_flows_turn(&self->flows, BP_RING_SUBMIT); /* which polls readiness from now on */
  if (error) {
    goto close_readiness;
  }
  return 0;

close_readiness:
  self->readiness->ops->close(self->readiness);
close_ring:
  bp_ring_close(self->ring);
close_waker:
  bp_waker_close(&self->waker);
  return error;
}

static int uring_open(const char *backend, struct bp_pump **out) {
  (void)backend;
  struct pump_by_uring *self = calloc(1, sizeof *self);
  if (!self) {
    return -ENOMEM;
  }
  const int error = open_parts(self);
  if (error) {
    free(self);
    return error;
  }
  self->pump.ops = &bp_pump_by_uring;
  *out = &self->pump;
  return 0;
}

static void uring_close(struct bp_pump *pump) {
  struct pump_by_uring *self = self_of(pump);
  bp_flows_close(&self->flows);
  bp_ring_close(self->ring);
  self->readiness->ops->close(self->readiness);
  bp_waker_close(&self->waker);
  free(self);
}

static const char *uring_backend(const struct bp_pump *pump) {
  (void)pump;
  return bp_pump_by_uring.name;
}

static int uring_descriptor(const struct bp_pump *pump) {
  return const_self_of(pump)->waker.read_fd;
}

static void uring_park(struct bp_pump *pump) {
  struct pollfd entry = {.fd = uring_descriptor(pump), .events = POLLIN};
  (void)bp_pollfd_wait(&entry, 1, BP_FOREVER);
}

static void uring_wake(struct bp_pump *pump) {
  bp_waker_signal(&self_of(pump)->waker);
}

static int uring_next_look_ms(struct bp_pump *pump) {
  const struct pump_by_uring *self = const_self_of(pump);
  const int own = bp_deadline_left_ms(bp_flows_next_look(&self->flows));
  const int other = self->readiness->ops->next_look_ms(self->readiness);
  return own < 0 || (other >= 0 && other < own) ? other : own;
}

const struct bp_pump_ops bp_pump_by_uring = {
    .name = "io_uring",
    .open = uring_open,
    .close = uring_close,
    .backend = uring_backend,
    .want = uring_want,
    .send = uring_send,
    .send_at_once = uring_send_at_once,
    .send_descriptors = uring_send_descriptors,
    .end = uring_end,
    .queued_bytes = uring_queued_bytes,
    .leave = uring_leave,
    .flush = uring_flush,
    .drain = uring_drain,
    .descriptor = uring_descriptor,
    .park = uring_park,
    .wake = uring_wake,
    .next_look_ms = uring_next_look_ms,
};

#endif
