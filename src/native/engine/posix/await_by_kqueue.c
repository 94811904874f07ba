#include "await_by_kqueue.h"

#ifdef BP_HAS_KQUEUE

#include "deadline.h"
#include "kfilter.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define ON_STACK 8
#define FILTERS 2 /* of each descriptor, at most */

/* What a wait works with. A kqueue knows each descriptor once, so entries of the same are brought
 * together. */
struct waiting {
  int kqueue_fd;
  struct bp_awaited **by_fd;
  size_t count;
  struct kevent *events;
};

static int compare_fds(const void *one, const void *other) {
  const int first = (*(struct bp_awaited *const *)one)->fd;
  const int second = (*(struct bp_awaited *const *)other)->fd;
  return (first > second) - (first < second);
}

static void sort(struct waiting *waiting, struct bp_awaited *entries, size_t count) {
  waiting->count = 0;
  for (size_t i = 0; i < count; i++) {
    entries[i].readiness = 0;
    if (entries[i].fd >= 0) {
      waiting->by_fd[waiting->count++] = &entries[i];
    }
  }
  qsort(waiting->by_fd, waiting->count, sizeof(struct bp_awaited *), compare_fds);
}

/* The entries from first on that are of one descriptor: where they end. */
static size_t end_of_group(const struct waiting *waiting, size_t first) {
  size_t end = first + 1;
  while (end < waiting->count && waiting->by_fd[end]->fd == waiting->by_fd[first]->fd) {
    end++;
  }
  return end;
}

/* Writes the changes that watch for all of it to events, each with its group. Returns how many. */
static int changes_of(struct waiting *waiting) {
  size_t filters = 0;
  for (size_t first = 0, end = 0; first < waiting->count; first = end) {
    struct kevent changes[BP_KFILTER_CHANGES];
    unsigned interest = 0;
    end = end_of_group(waiting, first);
    for (size_t i = first; i < end; i++) {
      interest |= waiting->by_fd[i]->interest;
    }
    const size_t count =
        bp_kfilter_changes(waiting->by_fd[first]->fd, 0, interest, &waiting->by_fd[first], changes);
    for (size_t i = 0; i < count; i++) {
      waiting->events[filters] = changes[i];
      /* Only a failure is told, and ends the wait. */
      waiting->events[filters++].flags &= (unsigned short)~EV_RECEIPT;
    }
  }
  return (int)filters;
}

/* Fills in the readiness of the entries from the events. Returns how many are ready. */
static int note(struct waiting *waiting, int got) {
  int ready = 0;
  for (int i = 0; i < got; i++) {
    const struct kevent *event = &waiting->events[i];
    const size_t first = (size_t)((struct bp_awaited **)event->udata - waiting->by_fd);
    const size_t end = end_of_group(waiting, first);
    for (size_t j = first; j < end; j++) {
      struct bp_awaited *entry = waiting->by_fd[j];
      const unsigned readiness = event->flags & EV_ERROR
                                     ? BP_READINESS_ERROR
                                     : bp_kfilter_readiness(event, entry->interest);
      ready += readiness && !entry->readiness;
      entry->readiness |= readiness;
    }
  }
  return ready;
}

static int await(struct waiting *waiting, bp_deadline_ns deadline) {
  const int filters = changes_of(waiting);
  int changes = filters;
  int ready = 0;
  do {
    struct timespec left;
    /* With no room for an event kevent(2) would not wait at all. */
    const int got = kevent(waiting->kqueue_fd, waiting->events, changes, waiting->events,
                           filters ? filters : 1, bp_deadline_left(deadline, &left));
    if (got < 0) {
      return -errno;
    }
    ready = note(waiting, got);
    changes = 0;
    /* What was shown may have been of no interest: unread bytes, where the end was asked for. */
  } while (!ready && !bp_deadline_passed(deadline));
  return ready;
}

/* Each wait opens a kqueue of its own: to keep one we would have to keep one for each thread. */
int bp_await_by_kqueue(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline) {
  struct kevent events[ON_STACK * FILTERS] = {0};
  struct bp_awaited *by_fd[ON_STACK] = {0};
  struct waiting waiting = {.kqueue_fd = kqueue(), .by_fd = by_fd, .events = events};
  int ready = -ENOMEM;
  if (waiting.kqueue_fd < 0) {
    return -errno;
  }
  if (count > ON_STACK) {
    waiting.events = calloc(count * FILTERS, sizeof *waiting.events);
    waiting.by_fd = calloc(count, sizeof(struct bp_awaited *));
  }
  if (waiting.events && waiting.by_fd) {
    sort(&waiting, entries, count);
    ready = await(&waiting, deadline);
  }
  if (count > ON_STACK) {
    free(waiting.events);
    free(waiting.by_fd);
  }
  close(waiting.kqueue_fd);
  return ready;
}

#endif
