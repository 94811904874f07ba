/* The backend over poll(2): it is everywhere, but each wait looks at every descriptor. */
#include "backend.h"
#include "deadline.h"
#include "nap.h"
#include "pollfd.h"
#include "thread.h"
#include "waker.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#define WAKER_POSITION 0
#define REST_NS (10 * BP_NS_PER_MS)
#define NAP_MS 5

struct bp_backend {
  struct bp_waker waker;
  /* The waker of the parked thread. Only that thread drains it: a wait in between must not take
   * away the news that the thread's copy is out of date. */
  struct bp_waker park_waker;
  /* Dense: what leaves is replaced by the last. Position 0 is the waker's. */
  struct pollfd *entries;
  struct bp_registration **registrations;
  size_t count, capacity;
  bp_deadline_ns rest_until; /* of entries at rest; BP_FOREVER: there are none */
  /* Guards the four above against the thread that is parked, which reads them. */
  bp_mutex mutex;
  bool is_parked;
  size_t next; /* where the next scan begins, so that a full batch does not starve the rest */
};

static int reserve(struct bp_backend *backend) {
  if (backend->count < backend->capacity) {
    return 0;
  }
  const size_t capacity = backend->capacity ? backend->capacity * 2 : 16;
  struct pollfd *entries = realloc(backend->entries, capacity * sizeof *entries);
  if (!entries) {
    return -ENOMEM;
  }
  backend->entries = entries;
  struct bp_registration **registrations =
      realloc(backend->registrations, capacity * sizeof(struct bp_registration *));
  if (!registrations) {
    return -ENOMEM;
  }
  backend->registrations = registrations;
  backend->capacity = capacity;
  return 0;
}

static void poll_close(struct bp_backend *backend) {
  bp_waker_close(&backend->waker);
  bp_waker_close(&backend->park_waker);
  bp_mutex_destroy(&backend->mutex);
  free(backend->entries);
  free(backend->registrations);
  free(backend);
}

static int poll_open(struct bp_backend **out) {
  struct bp_backend *backend = calloc(1, sizeof *backend);
  if (!backend) {
    return -ENOMEM;
  }
  int error = bp_waker_open(&backend->waker);
  if (error) {
    free(backend);
    return error;
  }
  error = bp_waker_open(&backend->park_waker);
  if (error) {
    bp_waker_close(&backend->waker);
    free(backend);
    return error;
  }
  bp_mutex_init(&backend->mutex);
  backend->rest_until = BP_FOREVER;
  error = reserve(backend);
  if (error) {
    poll_close(backend);
    return error;
  }
  backend->entries[WAKER_POSITION] =
      (struct pollfd){.fd = backend->waker.read_fd, .events = POLLIN};
  backend->registrations[WAKER_POSITION] = NULL;
  backend->count = 1;
  *out = backend;
  return 0;
}

static int change(struct bp_backend *backend, struct bp_registration *registration,
                  unsigned interest) {
  if (!registration->interest) {
    const int error = reserve(backend);
    if (error) {
      return error;
    }
    registration->position = backend->count++;
    backend->registrations[registration->position] = registration;
  }
  const size_t position = registration->position;
  if (interest) {
    backend->entries[position] =
        (struct pollfd){.fd = registration->fd, .events = bp_pollfd_events(interest)};
  } else {
    const size_t last = --backend->count;
    backend->entries[position] = backend->entries[last];
    backend->registrations[position] = backend->registrations[last];
    backend->registrations[position]->position = position;
  }
  return 0;
}

static int poll_set(struct bp_backend *backend, struct bp_registration *registration,
                    unsigned interest) {
  bp_mutex_lock(&backend->mutex);
  const int error = change(backend, registration, interest);
  const bool is_parked = backend->is_parked;
  bp_mutex_unlock(&backend->mutex);
  if (is_parked) {
    bp_waker_signal(&backend->park_waker); /* so it returns */
  }
  return error;
}

/* ---- Rest ---- */

/*
 * Where poll(2) has no POLLRDHUP, an interest in the end alone is answered with unread bytes, again
 * and again, and a wait would spin. So an entry that is ready for nothing of interest rests for a
 * while.
 */
static void rest(struct bp_backend *backend, size_t position) {
  bp_mutex_lock(&backend->mutex);
  backend->entries[position].fd = -1; /* which poll(2) passes over */
  backend->rest_until = bp_now_ns() + REST_NS;
  bp_mutex_unlock(&backend->mutex);
}

static void end_rest(struct bp_backend *backend) {
  bp_mutex_lock(&backend->mutex);
  for (size_t position = WAKER_POSITION + 1; position < backend->count; position++) {
    backend->entries[position].fd = backend->registrations[position]->fd;
  }
  backend->rest_until = BP_FOREVER;
  bp_mutex_unlock(&backend->mutex);
}

/* ---- Waiting ---- */

static int poll_wait_ready(struct bp_backend *backend, bp_deadline_ns deadline,
                           struct bp_ready *ready, size_t capacity, bool *woken) {
  if (bp_deadline_passed(backend->rest_until)) {
    end_rest(backend);
  }
  const bp_deadline_ns until = backend->rest_until < deadline ? backend->rest_until : deadline;
  int left = bp_pollfd_wait(backend->entries, backend->count, until);
  if (left < 0) {
    return left;
  }
  if (backend->entries[WAKER_POSITION].revents) {
    bp_waker_drain(&backend->waker);
    *woken = true;
    left--;
  }
  const size_t others = backend->count - 1;
  size_t count = 0;
  for (size_t seen = 0; seen < others && left > 0 && count < capacity; seen++) {
    const size_t position = 1 + backend->next % others;
    backend->next = position;
    if (!backend->entries[position].revents) {
      continue;
    }
    const struct bp_registration *registration = backend->registrations[position];
    const unsigned readiness = bp_pollfd_readiness(&backend->entries[position]);
    left--;
    if (bp_readiness_reported(readiness, registration->interest)) {
      ready[count++] = (struct bp_ready){.token = registration->token, .readiness = readiness};
    } else {
      rest(backend, position);
    }
  }
  return (int)count;
}

static void poll_wake(struct bp_backend *backend) {
  bp_waker_signal(&backend->waker);
}

static int poll_descriptor(const struct bp_backend *backend) {
  (void)backend;
  return -1;
}

/* A copy of what to poll, to be freed, and behind it the waker of the thread itself; NULL without
 * memory. */
static struct pollfd *copy_entries(struct bp_backend *backend, size_t *count,
                                   bp_deadline_ns *until) {
  bp_mutex_lock(&backend->mutex);
  struct pollfd *copy = malloc((backend->count + 1) * sizeof *copy);
  if (copy) {
    for (size_t i = 0; i < backend->count; i++) {
      /* Not revents: a wait on another thread has the system write them, which no mutex guards. */
      copy[i] = (struct pollfd){.fd = backend->entries[i].fd, .events = backend->entries[i].events};
    }
    copy[backend->count] = (struct pollfd){.fd = backend->park_waker.read_fd, .events = POLLIN};
  }
  *count = backend->count + 1;
  *until = backend->rest_until;
  backend->is_parked = true;
  bp_mutex_unlock(&backend->mutex);
  return copy;
}

static void poll_park(struct bp_backend *backend) {
  size_t count = 0;
  bp_deadline_ns until = BP_FOREVER;
  struct pollfd *entries = copy_entries(backend, &count, &until);
  if (!entries) {
    bp_nap(NAP_MS);
  } else if (bp_pollfd_wait(entries, count, until) > 0 && entries[count - 1].revents) {
    bp_waker_drain(&backend->park_waker);
  }
  bp_mutex_lock(&backend->mutex);
  backend->is_parked = false;
  bp_mutex_unlock(&backend->mutex);
  free(entries);
}

const struct bp_backend_ops bp_poll_backend = {
    .name = "poll",
    .open = poll_open,
    .close = poll_close,
    .set = poll_set,
    .wait = poll_wait_ready,
    .wake = poll_wake,
    .descriptor = poll_descriptor,
    .park = poll_park,
};
