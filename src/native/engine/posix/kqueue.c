/* The backend over kqueue(2), of macOS and the BSDs. */
#include "backend.h"

#ifdef BP_HAS_KQUEUE

#include "deadline.h"
#include "descriptor.h"
#include "kfilter.h"
#include "pollfd.h"
#include "waker.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define BATCH 256
#define USER_EVENT 0 /* of the waker; of this filter there is no other */

struct bp_backend {
  int kqueue_fd;
  /* The waker: an event of the kqueue's own, or a pipe on systems that have no such events. */
  bool has_user_event;
  atomic_bool is_signalled; /* so that of many signals only the first costs a system call */
  struct bp_waker pipe;
};

static const struct timespec at_once = {0};

/* ---- Changes ---- */

/* Neither a file nor a terminal: a device such as /dev/null, which is always ready. */
static bool cannot_be_watched(const struct kevent *change, int error) {
  return (error == EINVAL || error == ENODEV || error == EOPNOTSUPP) && !isatty((int)change->ident);
}

static int outcome(const struct kevent *change, int error) {
  if (change->flags & EV_DELETE) {
    return error == ENOENT ? 0 : -error; /* gone with what it was on */
  }
  if (change->filter == EVFILT_WRITE && error == EPIPE) {
    return 0; /* a pipe whose reader is gone: it is watched all the same, and will say so */
  }
  return cannot_be_watched(change, error) ? -EPERM : -error;
}

/* Every change is tried, and reports by itself: the first that failed is what is returned. */
static int apply(int kqueue_fd, const struct kevent *changes, size_t count) {
  struct kevent receipts[BP_KFILTER_CHANGES];
  int got = 0;
  do {
    got = kevent(kqueue_fd, changes, (int)count, receipts, (int)count, &at_once);
    /* The interrupted call has made the changes, but their results are lost. To make them twice
     * does no harm. */
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return -errno;
  }
  int error = 0;
  for (int i = 0; i < got && !error; i++) {
    error = outcome(&changes[i], (int)receipts[i].data);
  }
  return error;
}

static int kqueue_set(struct bp_backend *backend, struct bp_registration *registration,
                      unsigned interest) {
  struct kevent changes[BP_KFILTER_CHANGES];
  const unsigned before = registration->interest;
  size_t count = bp_kfilter_changes(registration->fd, before, interest, registration, changes);
  const int error = count ? apply(backend->kqueue_fd, changes, count) : 0;
  if (error) {
    /* One of the two filters may have changed. */
    count = bp_kfilter_changes(registration->fd, interest, before, registration, changes);
    (void)apply(backend->kqueue_fd, changes, count);
  }
  return error;
}

/* ---- The waker ---- */

#ifdef EVFILT_USER

static int change_user_event(int kqueue_fd, unsigned short flags, unsigned fflags) {
  struct kevent change;
  EV_SET(&change, USER_EVENT, EVFILT_USER, flags | EV_RECEIPT, fflags, 0, NULL);
  return apply(kqueue_fd, &change, 1);
}

static bool add_user_event(int kqueue_fd) {
  return change_user_event(kqueue_fd, EV_ADD | EV_CLEAR, 0) == 0;
}

static void trigger_user_event(int kqueue_fd) {
  (void)change_user_event(kqueue_fd, 0, NOTE_TRIGGER);
}

#else

static bool add_user_event(int kqueue_fd) {
  (void)kqueue_fd;
  return false;
}

static void trigger_user_event(int kqueue_fd) {
  (void)kqueue_fd;
}

#endif

static int add_pipe(struct bp_backend *backend) {
  struct kevent change[BP_KFILTER_CHANGES];
  int error = bp_waker_open(&backend->pipe);
  if (error) {
    return error;
  }
  const size_t count =
      bp_kfilter_changes(backend->pipe.read_fd, 0, BP_READINESS_READ, NULL, change);
  error = apply(backend->kqueue_fd, change, count);
  if (error) {
    bp_waker_close(&backend->pipe);
  }
  return error;
}

static void kqueue_wake(struct bp_backend *backend) {
  if (!backend->has_user_event) {
    bp_waker_signal(&backend->pipe);
  } else if (!atomic_exchange(&backend->is_signalled, true)) {
    trigger_user_event(backend->kqueue_fd);
  }
}

static void drain_waker(struct bp_backend *backend) {
  if (backend->has_user_event) {
    /* Taking the event has cleared it. The flag comes after that: see bp_waker_drain. */
    (void)atomic_exchange(&backend->is_signalled, false);
  } else {
    bp_waker_drain(&backend->pipe);
  }
}

/* ---- Opening and closing ---- */

static void kqueue_close(struct bp_backend *backend) {
  if (!backend->has_user_event) {
    bp_waker_close(&backend->pipe);
  }
  close(backend->kqueue_fd);
  free(backend);
}

static int kqueue_open(struct bp_backend **out) {
  struct bp_backend *backend = calloc(1, sizeof *backend);
  if (!backend) {
    return -ENOMEM;
  }
  atomic_init(&backend->is_signalled, false);
  backend->kqueue_fd = kqueue();
  int error = backend->kqueue_fd < 0 ? -errno : bp_descriptor_set_close_on_exec(backend->kqueue_fd);
  if (!error) {
    backend->has_user_event = add_user_event(backend->kqueue_fd);
    error = backend->has_user_event ? 0 : add_pipe(backend);
  }
  if (error) {
    if (backend->kqueue_fd >= 0) {
      close(backend->kqueue_fd);
    }
    free(backend);
    return error;
  }
  *out = backend;
  return 0;
}

/* ---- Waiting ---- */

/* Adds an event to the batch's entry for its socket: each of its two filters has an event of its
 * own. Returns the count. */
static size_t merge(struct bp_registration *registration, unsigned readiness,
                    struct bp_ready *ready, size_t count) {
  const size_t position = registration->position;
  if (position < count && ready[position].token == registration->token) {
    ready[position].readiness |= readiness;
    return count;
  }
  registration->position = count;
  ready[count] = (struct bp_ready){.token = registration->token, .readiness = readiness};
  return count + 1;
}

/* Takes the events in; returns how many are ready. */
static size_t collect(struct bp_backend *backend, const struct kevent *events, int got,
                      struct bp_ready *ready, size_t count, bool *woken) {
  for (int i = 0; i < got; i++) {
    struct bp_registration *registration = (void *)events[i].udata;
    if (!registration) {
      drain_waker(backend);
      *woken = true;
      continue;
    }
    const unsigned readiness = bp_kfilter_readiness(&events[i], registration->interest);
    if (readiness) {
      count = merge(registration, readiness, ready, count);
    }
    struct kevent changes[BP_KFILTER_CHANGES];
    const size_t changed = bp_kfilter_keep_showing_end(&events[i], changes);
    if (changed) {
      (void)apply(backend->kqueue_fd, changes, changed);
    }
  }
  return count;
}

static int kqueue_wait(struct bp_backend *backend, bp_deadline_ns deadline, struct bp_ready *ready,
                       size_t capacity, bool *woken) {
  struct kevent events[BATCH];
  struct timespec left;
  size_t count = 0;
  size_t before = 0;
  int room = 0;
  int got = 0;
  const struct timespec *timeout = bp_deadline_left(deadline, &left);
  do {
    before = count;
    room = capacity - count < BATCH ? (int)(capacity - count) : BATCH;
    got = kevent(backend->kqueue_fd, NULL, 0, events, room, timeout);
    if (got < 0) {
      return count ? (int)count : -errno;
    }
    count = collect(backend, events, got, ready, count, woken);
    timeout = &at_once;
    /* Where two events were one socket's, there is room for another; until the kernel's turn comes
     * round. */
  } while (got == room && count > before && count < capacity);
  return (int)count;
}

static int kqueue_descriptor(const struct bp_backend *backend) {
  return backend->kqueue_fd;
}

static void kqueue_park(struct bp_backend *backend) {
  /* poll(2) rather than kevent(2), which would take the wake-up away from the next wait. */
  struct pollfd entry = {.fd = backend->kqueue_fd, .events = POLLIN};
  (void)bp_pollfd_wait(&entry, 1, BP_FOREVER);
}

const struct bp_backend_ops bp_kqueue = {
    .name = "kqueue",
    .open = kqueue_open,
    .close = kqueue_close,
    .set = kqueue_set,
    .wait = kqueue_wait,
    .wake = kqueue_wake,
    .descriptor = kqueue_descriptor,
    .park = kqueue_park,
};

#endif
