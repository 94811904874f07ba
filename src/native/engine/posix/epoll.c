#include "backend.h"

#ifdef __linux__

#include "deadline.h"
#include "pollfd.h"
#include "waker.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define WAKER_TOKEN 0 /* which names no slot */
#define BATCH 256

struct bp_backend {
  int epoll_fd;
  struct bp_waker waker;
};

static uint32_t events_from_interest(unsigned interest) {
  uint32_t events = 0;
  if (interest & BP_READINESS_READ) {
    events |= EPOLLIN | EPOLLRDHUP;
  }
  if (interest & BP_READINESS_WRITE) {
    events |= EPOLLOUT;
  }
  if (interest & BP_READINESS_PEER_CLOSED) {
    events |= EPOLLRDHUP;
  }
  return events;
}

static unsigned readiness_from_events(uint32_t events) {
  return (events & (EPOLLIN | EPOLLPRI) ? BP_READINESS_READ : 0U) |
         (events & EPOLLOUT ? BP_READINESS_WRITE : 0U) |
         (events & EPOLLRDHUP ? BP_READINESS_PEER_CLOSED : 0U) |
         (events & EPOLLHUP ? BP_READINESS_HUNG_UP : 0U) |
         (events & EPOLLERR ? BP_READINESS_ERROR : 0U);
}

static void epoll_close(struct bp_backend *backend) {
  bp_waker_close(&backend->waker);
  close(backend->epoll_fd);
  free(backend);
}

static int epoll_open(struct bp_backend **out) {
  int error = 0;
  struct bp_backend *backend = calloc(1, sizeof *backend);
  if (!backend) {
    return -ENOMEM;
  }
  backend->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (backend->epoll_fd < 0) {
    error = -errno;
    goto free_backend;
  }
  error = bp_waker_open(&backend->waker);
  if (error) {
    goto close_epoll;
  }
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = WAKER_TOKEN};
  if (epoll_ctl(backend->epoll_fd, EPOLL_CTL_ADD, backend->waker.read_fd, &event) < 0) {
    error = -errno;
    goto close_waker;
  }
  *out = backend;
  return 0;

close_waker:
  bp_waker_close(&backend->waker);
close_epoll:
  close(backend->epoll_fd);
free_backend:
  free(backend);
  return error;
}

static int epoll_set(struct bp_backend *backend, struct bp_registration *registration,
                     unsigned interest) {
  struct epoll_event event = {.events = events_from_interest(interest),
                              .data.u64 = registration->token};
  const int change = !registration->interest ? EPOLL_CTL_ADD
                     : !interest             ? EPOLL_CTL_DEL
                                             : EPOLL_CTL_MOD;
  if (epoll_ctl(backend->epoll_fd, change, registration->fd, &event) < 0) {
    return -errno;
  }
  return 0;
}

static int epoll_wait_ready(struct bp_backend *backend, bp_deadline_ns deadline,
                            struct bp_ready *ready, size_t capacity, bool *woken) {
  struct epoll_event events[BATCH];
  const int room = capacity < BATCH ? (int)capacity : BATCH;
  const int got = epoll_wait(backend->epoll_fd, events, room, bp_deadline_left_ms(deadline));
  if (got < 0) {
    return -errno;
  }
  int count = 0;
  for (int i = 0; i < got; i++) {
    if (events[i].data.u64 == WAKER_TOKEN) {
      bp_waker_drain(&backend->waker);
      *woken = true;
    } else {
      ready[count++] = (struct bp_ready){
          .token = events[i].data.u64,
          .readiness = readiness_from_events(events[i].events),
      };
    }
  }
  return count;
}

static void epoll_wake(struct bp_backend *backend) {
  bp_waker_signal(&backend->waker);
}

static int epoll_descriptor(const struct bp_backend *backend) {
  return backend->epoll_fd;
}

static void epoll_park(struct bp_backend *backend) {
  /* The waker is in the set as well. */
  struct pollfd entry = {.fd = backend->epoll_fd, .events = POLLIN};
  (void)bp_pollfd_wait(&entry, 1, BP_FOREVER);
}

const struct bp_backend_ops bp_epoll = {
    .name = "epoll",
    .open = epoll_open,
    .close = epoll_close,
    .set = epoll_set,
    .wait = epoll_wait_ready,
    .wake = epoll_wake,
    .descriptor = epoll_descriptor,
    .park = epoll_park,
};

#endif
