/*
 * The way out of one socket over a poller: its outbox, and what is told of it. A socket has a lane
 * only while it has something to send, so one that does nothing costs nothing here.
 */
#ifndef BIPOLL_LANE_H
#define BIPOLL_LANE_H

#include "outbox.h"
#include "progress.h"

struct bp_lane;

struct bp_lanes { /* zero-initialised but for poller is empty */
  struct bp_poller *poller;
  struct bp_block_pool blocks;
  struct bp_lane *first;                /* of all */
  struct bp_lane *first_due, *last_due; /* those to flush, in the order of their first bytes */
  struct bp_lane *spare;                /* used before, to be used again */
  unsigned spare_count;
  unsigned listening_count; /* of those that wait for answers after their end */
};

/* The lane of a socket, NULL if it has nothing to send. */
struct bp_lane *bp_lane_of(const struct bp_lanes *lanes, const struct bp_socket *socket);

/* What the poller must watch a socket for because of its lane. */
unsigned bp_lane_events(const struct bp_lane *lane);

/* As send, send_at_once, send_descriptors and end of pump.h. */
int bp_lanes_send(struct bp_lanes *lanes, struct bp_socket *socket, const void *bytes,
                  size_t length, uint64_t tag);
int64_t bp_lanes_send_at_once(struct bp_lanes *lanes, struct bp_socket *socket, const void *bytes,
                              size_t length, uint64_t tag);
int64_t bp_lanes_send_descriptors(struct bp_lanes *lanes, struct bp_socket *socket,
                                  const void *bytes, size_t length, const int *fds, size_t count,
                                  uint64_t tag);
int bp_lanes_end(struct bp_lanes *lanes, struct bp_socket *socket, double answer_timeout_ms,
                 uint64_t tag);

/* Flushes the lanes that are due, as far as the batch has room for their records. */
void bp_lanes_flush(struct bp_lanes *lanes, struct bp_progress *progress);
/*
 * Flushes one whose socket has become writable. Returns whether it is still to be watched for that;
 * if not, the lane may be gone.
 */
bool bp_lane_flush(struct bp_lane *lane, struct bp_progress *progress);

size_t bp_lane_queued_bytes(const struct bp_lane *lane);
/* As leave of pump.h. The lane is gone afterwards. */
size_t bp_lane_leave(struct bp_lane *lane);

/* Of a stream without half-close whose end was told: whether somebody will read its answers. */
void bp_lane_set_answered(struct bp_lane *lane, bool is_answered);
/* Something came from its peer. */
void bp_lane_touch(struct bp_lane *lane);
/* Adds END for those whose peer has been silent for long enough. */
void bp_lanes_end_silent(struct bp_lanes *lanes, struct bp_progress *progress);
/* When to call that again. */
bp_deadline_ns bp_lanes_next_look(const struct bp_lanes *lanes);

/* Frees all. What was not sent is lost. */
void bp_lanes_close(struct bp_lanes *lanes);

#endif
