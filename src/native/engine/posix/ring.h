/*
 * An io_uring: operations that are handed to the kernel together, and what has become of them.
 *
 * It is set up so that the kernel works on the operations only within bp_ring_enter(): between two
 * calls nothing is taken from a socket. All calls come from the thread that opened it.
 */
#ifndef BIPOLL_RING_H
#define BIPOLL_RING_H

#include "engine.h"
#include "waker.h"

struct bp_ring;

/* waker: an eventfd, which the kernel signals when there is work for bp_ring_enter(). -ENOSYS or
 * -EINVAL: the kernel is older than 6.1; -EPERM or -EACCES: it is forbidden here. */
int bp_ring_open(const struct bp_waker *waker, struct bp_ring **out);
/* Operations must not be under way any more. */
void bp_ring_close(struct bp_ring *ring);

/* ---- Operations. name comes back in their completions. -EAGAIN: the kernel takes none now ---- */

/* Receives from a stream into provided buffers, over and over until it is told to have no more. */
int bp_ring_receive(struct bp_ring *ring, int fd, uint64_t name);
/* Sends once, when there is room. The bytes, but not the pieces, must stay as they are until then.
 * Returns how many pieces were taken, at least one. */
int bp_ring_send(struct bp_ring *ring, int fd, const struct bp_bytes *pieces, size_t count,
                 uint64_t name);
/* Completes once when the descriptor is readable. */
int bp_ring_poll(struct bp_ring *ring, int fd, uint64_t name);
/* Cancels the operation of that name, which completes with -ECANCELED unless it was done before.
 * Takes precedence over all that the kernel has not worked on yet. */
int bp_ring_cancel(struct bp_ring *ring, uint64_t canceled, uint64_t name);
/* Those of a descriptor that were not handed over yet complete and do nothing: it is about to be
 * closed, and may soon be another one's. */
void bp_ring_withdraw(struct bp_ring *ring, int fd);

/* ---- Handing over ---- */

enum bp_ring_depth {
  BP_RING_SUBMIT, /* hands over, and completes what can be completed at once */
  BP_RING_RUN,    /* and works on what has become ready since */
  BP_RING_WAIT,   /* and waits for one completion */
};

/* Does not notify the waker of what it does itself. -ENOMEM: nothing more was done, and the same
 * call may succeed later. */
int bp_ring_enter(struct bp_ring *ring, enum bp_ring_depth depth);

/* Whether operations wait to be handed over. */
bool bp_ring_has_prepared(const struct bp_ring *ring);
/* Whether there are completions to take, or the kernel has work for bp_ring_enter(). */
bool bp_ring_has_work(const struct bp_ring *ring);

struct bp_completion {
  uint64_t name;
  int result; /* a count, a descriptor, or a negated errno */
  bool has_more;
  const uint8_t *bytes; /* those received, until the next call; NULL: none */
};

/* Takes the oldest completion. False: there is none. */
bool bp_ring_take(struct bp_ring *ring, struct bp_completion *out);

#endif
