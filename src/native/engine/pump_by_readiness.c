/*
 * The pump over a poller: each socket is told to be ready, and the call that knows is made then.
 *
 * This file decides what is done for whom; lane.c does what concerns one socket's bytes out.
 */
#include "deadline.h"
#include "lane.h"
#include "poller.h"
#include "pump.h"
#include "state.h"

#include <errno.h>
#include <stdlib.h>

/* Whole chunks make the most of a system call. */
#define MIN_ROOM 4096

struct pump_by_readiness {
  struct bp_pump pump; /* first */
  struct bp_poller *poller;
  struct bp_lanes lanes;
  /* Of the first socket that the last batch had no room for: the next one begins with it. */
  uint64_t unserved_tag;
  bool has_unserved;
};

static struct pump_by_readiness *self_of(struct bp_pump *pump) {
  return (struct pump_by_readiness *)pump;
}

static const struct pump_by_readiness *const_self_of(const struct bp_pump *pump) {
  return (const struct pump_by_readiness *)pump;
}

/* ---- What is wanted ---- */

/* Of a socket, and of what is none: a watch for the one that a socket cannot have would stay for
 * ever. */
#define PEER_LEFT (BP_EVENT_REMOTE_DISCONNECTED | BP_EVENT_HANGUP)
/* What END tells for good, so that nobody is told of it twice. */
#define ALL_READ (BP_EVENT_READABLE | PEER_LEFT)

static unsigned events_of(unsigned demand) {
  return (demand & BP_WANT_CONNECTIONS ? BP_EVENT_CONNECTION_AVAILABLE : 0U) |
         (demand & BP_WANT_OUTCOME ? BP_EVENT_DETERMINED : 0U) |
         (demand & BP_WANT_BYTES ? BP_EVENT_READABLE : 0U) |
         (demand & BP_WANT_PEER_END ? PEER_LEFT : 0U);
}

static int readiness_want(struct bp_pump *pump, struct bp_socket *socket, unsigned demand,
                          uint64_t tag) {
  struct pump_by_readiness *self = self_of(pump);
  struct bp_lane *lane = bp_lane_of(&self->lanes, socket);
  const unsigned events = events_of(demand) | (lane ? bp_lane_events(lane) : 0U);
  socket->takes_descriptors = demand & BP_WANT_DESCRIPTORS;
  if (lane) {
    bp_lane_set_answered(lane, demand & BP_WANT_ANSWERS);
  }
  if (events) {
    return bp_poller_watch(self->poller, socket, events, tag);
  }
  const int error = bp_poller_unmonitor(self->poller, socket);
  return error == -ENOENT ? 0 : error;
}

/* ---- Reading and accepting ---- */

static void accept_some(struct bp_progress *progress, struct bp_socket *server, uint64_t tag) {
  for (int i = 0; i < BP_CONNECTIONS_PER_TURN && bp_progress_has_room(progress, 1); i++) {
    struct bp_socket *socket = NULL;
    const int error = bp_socket_accept(server, &socket);
    if (error == -EAGAIN) {
      return;
    }
    if (error) {
      bp_progress_add(progress, tag, BP_RECORD_REFUSAL, error);
      return;
    }
    bp_progress_add(progress, tag, BP_RECORD_CONNECTION, 0)->socket = socket;
  }
}

/* Tells of the bytes that were read from offset on, if there are any. */
static void tell_bytes(struct bp_progress *progress, uint64_t tag, size_t offset) {
  const size_t length = progress->bytes - offset;
  if (length > 0) {
    bp_progress_add(progress, tag, BP_RECORD_BYTES, (int64_t)length)->offset = offset;
  }
}

/* Reads behind the bytes of the batch. Where descriptors come along, they are told, after the bytes
 * from *offset on that were read before them; *offset is then where their own bytes begin. */
static int64_t read_once(struct bp_progress *progress, struct bp_socket *socket, uint64_t tag,
                         size_t length, size_t *offset) {
  int fds[BP_MAX_DESCRIPTORS];
  size_t count = BP_MAX_DESCRIPTORS;
  uint8_t *const room = progress->batch->bytes + progress->bytes;
  if (!socket->takes_descriptors) {
    return bp_socket_read(socket, room, length, false);
  }
  const int64_t got = bp_socket_receive_descriptors(socket, room, length, fds, &count);
  if (count > 0) {
    tell_bytes(progress, tag, *offset);
    *offset = progress->bytes;
  }
  for (size_t i = 0; i < count; i++) {
    bp_progress_add(progress, tag, BP_RECORD_DESCRIPTOR, fds[i]);
  }
  return got;
}

/* Returns whether reading is over. */
static bool read_some(struct bp_progress *progress, struct bp_socket *socket, uint64_t tag) {
  size_t left = BP_BYTES_PER_TURN;
  const size_t start = progress->bytes;
  size_t offset = start;
  int64_t got = 0;
  while (left > 0 &&
         offset == start) { /* no more after descriptors, whose records fill the batch */
    const size_t room = progress->batch->byte_capacity - progress->bytes;
    if (room < MIN_ROOM) {
      break;
    }
    const size_t length = room < left ? room : left;
    got = read_once(progress, socket, tag, length, &offset);
    if (bp_is_passing(got)) {
      got = 0; /* it is still ready after its rest */
    }
    if (got <= 0) {
      break;
    }
    progress->bytes += (size_t)got;
    left -= (size_t)got;
    if ((size_t)got < length) {
      got = 0; /* that was all for now; the end, if it has come, is another turn's */
      break;
    }
  }
  tell_bytes(progress, tag, offset);
  if (got < 0) {
    bp_progress_add(progress, tag, BP_RECORD_END, got == BP_END ? 0 : got);
  }
  return got < 0;
}

/* The peer has left. Where all that it sent has been read, that is the end already. Returns the
 * events that need not be watched for any more. */
static unsigned tell_peer_end(struct bp_progress *progress, struct bp_socket *socket,
                              uint64_t tag) {
  char byte = 0;
  const bool is_unread = bp_socket_holds(socket, BP_EVENT_DATA_AVAILABLE);
  const int64_t got = is_unread ? 0 : bp_socket_read(socket, &byte, 1, true);
  if (bp_is_passing(got)) {
    return 0;
  }
  if (got < 0 && got != -ENOTSOCK) { /* which says that bytes are unread, and cannot be looked at */
    bp_progress_add(progress, tag, BP_RECORD_END, got == BP_END ? 0 : got);
    return ALL_READ;
  }
  bp_progress_add(progress, tag, BP_RECORD_PEER_END, 0);
  return PEER_LEFT;
}

static void serve(struct pump_by_readiness *self, struct bp_progress *progress,
                  const struct bp_occurrence *ready) {
  struct bp_socket *socket = ready->socket;
  struct bp_lane *lane = bp_lane_of(&self->lanes, socket);
  unsigned done = 0;
  if (ready->events & BP_EVENT_CONNECTION_AVAILABLE) {
    accept_some(progress, socket, ready->tag);
  }
  if (ready->events & BP_EVENT_DETERMINED) {
    bp_progress_add(progress, ready->tag, BP_RECORD_OUTCOME, bp_socket_error(socket));
    done |= BP_EVENT_DETERMINED;
  }
  if (ready->events & BP_EVENT_READABLE) {
    if (lane) {
      bp_lane_touch(lane);
    }
    done |= read_some(progress, socket, ready->tag) ? ALL_READ : 0U;
  }
  if (ready->events & PEER_LEFT & ~done) {
    done |= tell_peer_end(progress, socket, ready->tag);
  }
  if (ready->events & BP_EVENT_WRITABLE && (!lane || !bp_lane_flush(lane, progress))) {
    done |= BP_EVENT_WRITABLE;
  }
  if (done) {
    bp_poller_drop(self->poller, socket, done);
  }
}

/* ---- Fair turns ---- */

/* Where to begin: backends report those that are ready in the same order each time. */
static int first_to_serve(const struct pump_by_readiness *self, const struct bp_occurrence *ready,
                          int count) {
  for (int i = 0; self->has_unserved && i < count; i++) {
    if (ready[i].tag == self->unserved_tag) {
      return i;
    }
  }
  return 0;
}

static bool has_room_for_a_turn(const struct bp_progress *progress,
                                const struct bp_socket *socket) {
  const size_t descriptors = socket->takes_descriptors ? BP_MAX_DESCRIPTORS : 0;
  return bp_progress_has_room(progress, BP_RECORDS_PER_SOCKET + descriptors) &&
         progress->batch->byte_capacity - progress->bytes >= MIN_ROOM;
}

/* What does not fit now is still ready at the next turn, and comes first then. */
static void serve_in_turn(struct pump_by_readiness *self, struct bp_progress *progress,
                          const struct bp_occurrence *ready, int count) {
  const int first = first_to_serve(self, ready, count);
  self->has_unserved = false;
  for (int i = 0; i < count; i++) {
    const struct bp_occurrence *each = &ready[(first + i) % count];
    if (!has_room_for_a_turn(progress, each->socket)) {
      self->has_unserved = true;
      self->unserved_tag = each->tag;
      return;
    }
    serve(self, progress, each);
  }
}

static int readiness_flush(struct bp_pump *pump, const struct bp_batch *batch) {
  struct bp_progress progress = {.batch = batch};
  bp_lanes_flush(&self_of(pump)->lanes, &progress);
  return (int)progress.records;
}

static int readiness_drain(struct bp_pump *pump, const struct bp_batch *batch) {
  struct pump_by_readiness *self = self_of(pump);
  struct bp_occurrence ready[BP_POLLER_BATCH];
  struct bp_progress progress = {.batch = batch};
  bp_lanes_flush(&self->lanes, &progress);
  bp_lanes_end_silent(&self->lanes, &progress);
  const int count = bp_poller_wait(self->poller, BP_AT_ONCE, NULL, ready, BP_POLLER_BATCH);
  if (count > 0) {
    serve_in_turn(self, &progress, ready, count);
  }
  return count < 0 && progress.records == 0 ? count : (int)progress.records;
}

/* ---- Sending ---- */

static int readiness_send(struct bp_pump *pump, struct bp_socket *socket, const void *bytes,
                          size_t length, uint64_t tag) {
  return bp_lanes_send(&self_of(pump)->lanes, socket, bytes, length, tag);
}

static int64_t readiness_send_at_once(struct bp_pump *pump, struct bp_socket *socket,
                                      const void *bytes, size_t length, uint64_t tag) {
  return bp_lanes_send_at_once(&self_of(pump)->lanes, socket, bytes, length, tag);
}

static int64_t readiness_send_descriptors(struct bp_pump *pump, struct bp_socket *socket,
                                          const void *bytes, size_t length, const int *fds,
                                          size_t count, uint64_t tag) {
  struct bp_lanes *lanes = &self_of(pump)->lanes;
  return bp_lanes_send_descriptors(lanes, socket, bytes, length, fds, count, tag);
}

static int readiness_end(struct bp_pump *pump, struct bp_socket *socket, double answer_timeout_ms,
                         uint64_t tag) {
  return bp_lanes_end(&self_of(pump)->lanes, socket, answer_timeout_ms, tag);
}

static size_t readiness_queued_bytes(const struct bp_pump *pump, const struct bp_socket *socket) {
  const struct bp_lane *lane = bp_lane_of(&const_self_of(pump)->lanes, socket);
  return lane ? bp_lane_queued_bytes(lane) : 0;
}

static size_t readiness_leave(struct bp_pump *pump, struct bp_socket *socket) {
  struct bp_lane *lane = bp_lane_of(&self_of(pump)->lanes, socket);
  return lane ? bp_lane_leave(lane) : 0;
}

/* ---- Opening, closing, and the loop that drains it ---- */

static int readiness_open(const char *backend, struct bp_pump **out) {
  struct pump_by_readiness *self = calloc(1, sizeof *self);
  if (!self) {
    return -ENOMEM;
  }
  const int error = bp_poller_open(backend, &self->poller);
  if (error) {
    free(self);
    return error;
  }
  self->pump.ops = &bp_pump_by_readiness;
  self->lanes.poller = self->poller;
  *out = &self->pump;
  return 0;
}

static void readiness_close(struct bp_pump *pump) {
  struct pump_by_readiness *self = self_of(pump);
  bp_lanes_close(&self->lanes);
  bp_poller_close(self->poller);
  free(self);
}

static const char *readiness_backend(const struct bp_pump *pump) {
  return bp_poller_backend(const_self_of(pump)->poller);
}

static int readiness_descriptor(const struct bp_pump *pump) {
  return bp_poller_descriptor(const_self_of(pump)->poller);
}

static void readiness_park(struct bp_pump *pump) {
  bp_poller_park(self_of(pump)->poller);
}

static void readiness_wake(struct bp_pump *pump) {
  (void)bp_wake(bp_poller_waker(self_of(pump)->poller));
}

static int readiness_next_look_ms(struct bp_pump *pump) {
  const struct pump_by_readiness *self = self_of(pump);
  const bp_deadline_ns of_poller = bp_poller_next_look(self->poller);
  const bp_deadline_ns of_lanes = bp_lanes_next_look(&self->lanes);
  return bp_deadline_left_ms(of_poller < of_lanes ? of_poller : of_lanes);
}

const struct bp_pump_ops bp_pump_by_readiness = {
    .open = readiness_open,
    .close = readiness_close,
    .backend = readiness_backend,
    .want = readiness_want,
    .send = readiness_send,
    .send_at_once = readiness_send_at_once,
    .send_descriptors = readiness_send_descriptors,
    .end = readiness_end,
    .queued_bytes = readiness_queued_bytes,
    .leave = readiness_leave,
    .flush = readiness_flush,
    .drain = readiness_drain,
    .descriptor = readiness_descriptor,
    .park = readiness_park,
    .wake = readiness_wake,
    .next_look_ms = readiness_next_look_ms,
};
