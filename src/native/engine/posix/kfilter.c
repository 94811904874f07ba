#include "readiness.h"

#ifdef BP_HAS_KQUEUE

#include "kfilter.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* How much must be unread for the filter to show it: more than any buffer holds. */
#define NEVER_ENOUGH INT_MAX

enum reading { NOTHING, THE_END, BYTES };

static enum reading reading_of(unsigned interest) {
  return interest & BP_READINESS_READ          ? BYTES
         : interest & BP_READINESS_PEER_CLOSED ? THE_END
                                               : NOTHING;
}

static void change(struct kevent *out, int fd, short filter, unsigned short flags, void *udata) {
  EV_SET(out, (uintptr_t)fd, filter, flags | EV_RECEIPT, 0, 0, udata);
}

/*
 * The end is what the read filter shows when it wants more bytes than there can be. Where it is
 * content with a full buffer (macOS), or does not look at the number (pipes on FreeBSD), it shows
 * bytes all the same: then EV_CLEAR has it say so once, not for ever.
 */
static void add_reading(struct kevent *out, int fd, enum reading reading, void *udata) {
  change(out, fd, EVFILT_READ, EV_ADD, udata);
  if (reading == THE_END) {
    out->flags |= EV_CLEAR;
    out->fflags = NOTE_LOWAT;
    out->data = NEVER_ENOUGH;
  }
}

size_t bp_kfilter_changes(int fd, unsigned from, unsigned to, void *udata,
                          struct kevent changes[BP_KFILTER_CHANGES]) {
  const enum reading before = reading_of(from);
  const enum reading after = reading_of(to);
  size_t count = 0;
  if (before != after) {
    /* A filter that is there already would keep its old flags. */
    if (before != NOTHING) {
      change(&changes[count++], fd, EVFILT_READ, EV_DELETE, udata);
    }
    if (after != NOTHING) {
      add_reading(&changes[count++], fd, after, udata);
    }
  }
  if ((from ^ to) & BP_READINESS_WRITE) {
    change(&changes[count++], fd, EVFILT_WRITE, to & BP_READINESS_WRITE ? EV_ADD : EV_DELETE,
           udata);
  }
  return count;
}

size_t bp_kfilter_keep_showing_end(const struct kevent *event,
                                   struct kevent changes[BP_KFILTER_CHANGES]) {
  if (event->filter != EVFILT_READ || !(event->flags & EV_CLEAR) || !(event->flags & EV_EOF)) {
    return 0;
  }
  void *const udata = (void *)event->udata; /* an integer on some systems */
  change(&changes[0], (int)event->ident, EVFILT_READ, EV_DELETE, udata);
  add_reading(&changes[1], (int)event->ident, BYTES, udata);
  return 2;
}

unsigned bp_kfilter_readiness(const struct kevent *event, unsigned interest) {
  /* EV_EOF says nothing of bytes: there may be some before the end. fflags is why it ended. */
  const bool has_ended = event->flags & EV_EOF;
  const unsigned error = has_ended && event->fflags ? BP_READINESS_ERROR : 0U;
  switch (event->filter) {
  case EVFILT_READ:
    return (interest & BP_READINESS_READ) |
           (has_ended && reading_of(interest) != NOTHING ? BP_READINESS_PEER_CLOSED : 0U) | error;
  case EVFILT_WRITE:
    return (interest & BP_READINESS_WRITE) | (has_ended ? BP_READINESS_HUNG_UP : 0U) | error;
  default:
    return 0;
  }
}

#endif
