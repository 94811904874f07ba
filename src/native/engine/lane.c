#include "lane.h"

#include "deadline.h"
#include "handing_over.h"
#include "kind.h"
#include "poller.h"
#include "state.h"

#include <errno.h>
#include <stdlib.h>

#define MOST_SPARE 64

enum lane_phase {
  LANE_SENDING,  /* more may be sent */
  LANE_ENDING,   /* our side ends when the outbox is empty */
  LANE_LISTENING /* our side has ended, but only a close can tell the peer, who may still answer */
};

struct bp_lane {
  struct bp_observer observer; /* first */
  struct bp_lanes *lanes;
  struct bp_socket *socket;
  uint64_t tag;
  enum lane_phase phase;
  struct bp_outbox outbox;
  size_t in_flight_bytes; /* taken by the system, which has not handed them on yet */
  bool is_blocked;        /* the poller says when the system takes more */
  bool is_due;
  bool is_answered;
  double answer_timeout_ms;
  bp_deadline_ns silent_at;
  struct bp_lane *previous, *next;
  struct bp_lane *previous_due, *next_due; /* valid while is_due */
};

/* ---- Lists ---- */

static void make_due(struct bp_lane *lane) {
  struct bp_lanes *lanes = lane->lanes;
  if (lane->is_due) {
    return;
  }
  lane->is_due = true;
  lane->previous_due = lanes->last_due;
  lane->next_due = NULL;
  *(lanes->last_due ? &lanes->last_due->next_due : &lanes->first_due) = lane;
  lanes->last_due = lane;
}

static void make_undue(struct bp_lane *lane) {
  struct bp_lanes *lanes = lane->lanes;
  if (!lane->is_due) {
    return;
  }
  lane->is_due = false;
  *(lane->previous_due ? &lane->previous_due->next_due : &lanes->first_due) = lane->next_due;
  *(lane->next_due ? &lane->next_due->previous_due : &lanes->last_due) = lane->previous_due;
}

static void unlink_lane(struct bp_lane *lane) {
  *(lane->previous ? &lane->previous->next : &lane->lanes->first) = lane->next;
  if (lane->next) {
    lane->next->previous = lane->previous;
  }
}

/* ---- Coming and going ---- */

/* Whatever waits is lost. */
static void release(struct bp_lane *lane) {
  struct bp_lanes *lanes = lane->lanes;
  bp_socket_unobserve(lane->socket, &lane->observer);
  make_undue(lane);
  unlink_lane(lane);
  lanes->listening_count -= lane->phase == LANE_LISTENING;
  bp_outbox_clear(&lane->outbox, &lanes->blocks);
  if (lanes->spare_count >= MOST_SPARE) {
    free(lane);
    return;
  }
  lane->next = lanes->spare;
  lanes->spare = lane;
  lanes->spare_count++;
}

static void on_socket_changed(struct bp_observer *observer) {
  (void)observer; /* the next write tells */
}

static void on_socket_closing(struct bp_observer *observer) {
  release((struct bp_lane *)observer);
}

static const struct bp_observer_ops lane_ops = {
    .changed = on_socket_changed,
    .closing = on_socket_closing,
};

struct bp_lane *bp_lane_of(const struct bp_lanes *lanes, const struct bp_socket *socket) {
  for (struct bp_observer *each = socket->observers; each; each = each->next) {
    struct bp_lane *lane = (struct bp_lane *)each;
    if (each->ops == &lane_ops && lane->lanes == lanes) {
      return lane;
    }
  }
  return NULL;
}

static struct bp_lane *take_memory(struct bp_lanes *lanes) {
  struct bp_lane *lane = lanes->spare;
  if (!lane) {
    return malloc(sizeof *lane);
  }
  lanes->spare = lane->next;
  lanes->spare_count--;
  return lane;
}

/* NULL for want of memory. */
static struct bp_lane *need_lane(struct bp_lanes *lanes, struct bp_socket *socket, uint64_t tag) {
  struct bp_lane *lane = bp_lane_of(lanes, socket);
  if (lane) {
    lane->tag = tag;
    return lane;
  }
  lane = take_memory(lanes);
  if (!lane) {
    return NULL;
  }
  *lane = (struct bp_lane){
      .observer.ops = &lane_ops,
      .lanes = lanes,
      .socket = socket,
      .tag = tag,
      .next = lanes->first,
  };
  if (lanes->first) {
    lanes->first->previous = lane;
  }
  lanes->first = lane;
  bp_socket_observe(socket, &lane->observer);
  return lane;
}

void bp_lanes_close(struct bp_lanes *lanes) {
  struct bp_lane *next = NULL;
  for (struct bp_lane *lane = lanes->first; lane; lane = next) {
    next = lane->next;
    release(lane);
  }
  while (lanes->spare) {
    struct bp_lane *lane = lanes->spare;
    lanes->spare = lane->next;
    free(lane);
  }
  bp_block_pool_free(&lanes->blocks);
}

/* ---- Sending ---- */

unsigned bp_lane_events(const struct bp_lane *lane) {
  return lane->is_blocked ? BP_EVENT_WRITABLE : 0U;
}

static bool has_something_to_do(const struct bp_lane *lane) {
  return lane->outbox.length > 0 || lane->in_flight_bytes > 0 || lane->phase != LANE_SENDING;
}

static void fail(struct bp_lane *lane, int error, struct bp_progress *progress) {
  bp_progress_add(progress, lane->tag, BP_RECORD_SEND_FAILED, error);
  release(lane);
}

/* Returns whether the poller says when there is room; if not, the lane has failed and is gone. */
static bool await_room(struct bp_lane *lane, struct bp_progress *progress) {
  const int error = lane->is_blocked ? 0
                                     : bp_poller_add(lane->lanes->poller, lane->socket,
                                                     BP_EVENT_WRITABLE, lane->tag);
  if (error) {
    fail(lane, error, progress);
    return false;
  }
  lane->is_blocked = true;
  return true;
}

/* What a pipe takes stays in flight until the peer has read it. Returns how many bytes are in
 * flight no longer. */
static int64_t settle_in_flight(struct bp_lane *lane, int64_t taken) {
  if (lane->socket->ops->has_half_close) {
    return taken;
  }
  lane->in_flight_bytes += (size_t)taken;
  if (!bp_socket_holds(lane->socket, BP_EVENT_READY_TO_WRITE | BP_EVENT_REMOTE_DISCONNECTED)) {
    return 0;
  }
  const int64_t for_good = (int64_t)lane->in_flight_bytes;
  lane->in_flight_bytes = 0;
  return for_good;
}

/* Hands over what the system takes. Returns how many bytes it took, or a negated errno. */
static int64_t hand_over(struct bp_lane *lane) {
  return bp_hand_over(lane->socket, &lane->outbox, &lane->lanes->blocks);
}

/* Nothing waits any more. Returns as bp_lane_flush. */
static bool end_if_asked(struct bp_lane *lane, struct bp_progress *progress) {
  if (lane->phase != LANE_ENDING) {
    lane->is_blocked = false;
    if (!has_something_to_do(lane)) {
      release(lane);
    }
    return false;
  }
  const int error = bp_socket_shutdown(lane->socket);
  if (bp_is_passing(error)) {
    return await_room(lane, progress); /* which a rest comes before */
  }
  bp_progress_add(progress, lane->tag, BP_RECORD_ENDED, error);
  if (lane->socket->ops->has_half_close) {
    release(lane);
    return false;
  }
  lane->is_blocked = false;
  lane->phase = LANE_LISTENING;
  lane->lanes->listening_count++;
  bp_lane_touch(lane);
  return false;
}

bool bp_lane_flush(struct bp_lane *lane, struct bp_progress *progress) {
  const int64_t taken = hand_over(lane);
  if (taken < 0) {
    fail(lane, (int)taken, progress);
    return false;
  }
  const int64_t for_good = settle_in_flight(lane, taken);
  if (for_good > 0) {
    bp_progress_add(progress, lane->tag, BP_RECORD_SENT, for_good);
  }
  if (lane->outbox.length > 0 || lane->in_flight_bytes > 0) {
    return await_room(lane, progress);
  }
  return end_if_asked(lane, progress);
}

size_t bp_lane_queued_bytes(const struct bp_lane *lane) {
  return lane->outbox.length + lane->in_flight_bytes;
}

size_t bp_lane_leave(struct bp_lane *lane) {
  if (!lane->is_blocked) {
    (void)hand_over(lane); /* a failure leaves bytes, and that is told */
  }
  const size_t left = lane->outbox.length;
  release(lane);
  return left;
}

void bp_lanes_flush(struct bp_lanes *lanes, struct bp_progress *progress) {
  struct bp_lane *next = NULL;
  for (struct bp_lane *lane = lanes->first_due;
       lane && bp_progress_has_room(progress, BP_RECORDS_PER_SOCKET); lane = next) {
    next = lane->next_due;
    make_undue(lane);
    (void)bp_lane_flush(lane, progress);
  }
}

/* One that is blocked is flushed when there is room. */
static void make_due_unless_blocked(struct bp_lane *lane) {
  if (!lane->is_blocked) {
    make_due(lane);
  }
}

/* attached: NULL, or what goes with the first byte, which the lane takes over in any case. */
static int queue(struct bp_lanes *lanes, struct bp_socket *socket, const void *bytes, size_t length,
                 struct bp_attached *attached, uint64_t tag) {
  struct bp_lane *lane = need_lane(lanes, socket, tag);
  const int error =
      lane ? bp_outbox_append(&lane->outbox, &lanes->blocks, bytes, length, attached) : -ENOMEM;
  if (error) {
    bp_attached_free(attached);
  }
  if (!error) {
    make_due_unless_blocked(lane);
  } else if (lane && !has_something_to_do(lane)) {
    release(lane);
  }
  return error;
}

int bp_lanes_send(struct bp_lanes *lanes, struct bp_socket *socket, const void *bytes,
                  size_t length, uint64_t tag) {
  return queue(lanes, socket, bytes, length, NULL, tag);
}

int64_t bp_lanes_send_at_once(struct bp_lanes *lanes, struct bp_socket *socket, const void *bytes,
                              size_t length, uint64_t tag) {
  /* What a pipe takes is not for good, and what waits already goes first. */
  const bool may_pass = !bp_lane_of(lanes, socket) && socket->ops->has_half_close;
  const int64_t taken = may_pass ? bp_socket_write(socket, bytes, length) : 0;
  if (taken < 0 || (size_t)taken == length) {
    return taken;
  }
  const int error =
      bp_lanes_send(lanes, socket, (const uint8_t *)bytes + taken, length - (size_t)taken, tag);
  return error ? error : taken;
}

int64_t bp_lanes_send_descriptors(struct bp_lanes *lanes, struct bp_socket *socket,
                                  const void *bytes, size_t length, const int *fds, size_t count,
                                  uint64_t tag) {
  const bool may_pass = !bp_lane_of(lanes, socket);
  const int64_t taken =
      may_pass ? bp_socket_send_descriptors(socket, bytes, length, fds, count) : 0;
  if (taken < 0 || (size_t)taken == length) {
    return taken;
  }
  struct bp_attached *attached = NULL; /* they have gone with the first byte */
  int error = taken > 0 ? 0 : bp_attached_duplicate(fds, count, &attached);
  if (!error) {
    error =
        queue(lanes, socket, (const uint8_t *)bytes + taken, length - (size_t)taken, attached, tag);
  }
  return error ? error : taken;
}

int bp_lanes_end(struct bp_lanes *lanes, struct bp_socket *socket, double answer_timeout_ms,
                 uint64_t tag) {
  struct bp_lane *lane = need_lane(lanes, socket, tag);
  if (!lane) {
    return -ENOMEM;
  }
  lane->phase = LANE_ENDING;
  lane->answer_timeout_ms = answer_timeout_ms;
  make_due_unless_blocked(lane);
  return 0;
}

/* ---- Ends that only a close can tell ---- */

void bp_lane_set_answered(struct bp_lane *lane, bool is_answered) {
  lane->is_answered = is_answered;
}

void bp_lane_touch(struct bp_lane *lane) {
  if (lane->phase == LANE_LISTENING) {
    lane->silent_at = bp_deadline_after(lane->answer_timeout_ms);
  }
}

static bool is_silent(const struct bp_lane *lane) {
  return lane->phase == LANE_LISTENING && bp_deadline_passed(lane->silent_at);
}

void bp_lanes_end_silent(struct bp_lanes *lanes, struct bp_progress *progress) {
  struct bp_lane *next = NULL;
  for (struct bp_lane *lane = lanes->listening_count ? lanes->first : NULL;
       lane && bp_progress_has_room(progress, BP_RECORDS_PER_SOCKET); lane = next) {
    next = lane->next;
    if (!is_silent(lane)) {
      continue;
    }
    if (lane->is_answered && bp_socket_holds(lane->socket, BP_EVENT_DATA_AVAILABLE)) {
      bp_lane_touch(lane);
      continue;
    }
    bp_progress_add(progress, lane->tag, BP_RECORD_END, 0);
    bp_poller_drop(lanes->poller, lane->socket, BP_EVENT_READABLE | BP_EVENT_REMOTE_DISCONNECTED);
    release(lane);
  }
}

bp_deadline_ns bp_lanes_next_look(const struct bp_lanes *lanes) {
  bp_deadline_ns next = BP_FOREVER;
  for (const struct bp_lane *lane = lanes->listening_count ? lanes->first : NULL; lane;
       lane = lane->next) {
    if (lane->phase == LANE_LISTENING && lane->silent_at < next) {
      next = lane->silent_at;
    }
  }
  return next;
}
