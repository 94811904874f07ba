/*
 * What a backend must supply: the seam between the engine and a system's readiness mechanism.
 *
 * Readiness is level-triggered: what is ready and of interest is reported by every wait. It is a
 * hint; the kind of a socket asks the call that knows.
 */
#ifndef BIPOLL_BACKEND_H
#define BIPOLL_BACKEND_H

#include "engine.h"
#include "readiness.h"
#include "slots.h"

/* A descriptor in a backend. The poller keeps it and sets all but position. */
struct bp_registration {
  int fd;
  bp_token token;
  unsigned interest; /* of BP_READINESS_READ, BP_READINESS_WRITE, BP_READINESS_PEER_CLOSED;
                        BP_READINESS_READ brings BP_READINESS_PEER_CLOSED along */
  size_t position;   /* for the backend's own use */
  struct bp_waitable *waitable; /* not NULL: instead of fd. Only Windows has such */
};

struct bp_ready {
  bp_token token;
  unsigned readiness;
};

struct bp_backend; /* each backend has its own */

struct bp_backend_ops {
  const char *name;
  int (*open)(struct bp_backend **out);
  void (*close)(struct bp_backend *backend);

  /*
   * Sets what the descriptor is watched for. With no interest it leaves the kernel's set, so that
   * not even a hang-up is reported. On an error nothing has changed. -EPERM: the kernel refuses to
   * watch a descriptor that is always ready.
   */
  int (*set)(struct bp_backend *backend, struct bp_registration *registration, unsigned interest);

  /*
   * Waits until something is ready. Returns how many it wrote, in fair turns where capacity is too
   * small for all; 0 at the deadline, with woken set after a wake-up, or early for no reason;
   * -EINTR after a signal.
   */
  int (*wait)(struct bp_backend *backend, bp_deadline_ns deadline, struct bp_ready *ready,
              size_t capacity, bool *woken);

  /* Ends the wait, or the next one. From any thread. Cannot fail. */
  void (*wake)(struct bp_backend *backend);

  /* A descriptor that is readable while something is ready, for another loop to watch; -1: none. */
  int (*descriptor)(const struct bp_backend *backend);

  /*
   * Blocks until something is ready or wake is called, and takes nothing: the next wait finds it.
   * May return early. For a thread of its own, while the owner's goes on with all the other calls.
   */
  void (*park)(struct bp_backend *backend);
};

/* Each is defined in the file of its name. */
extern const struct bp_backend_ops bp_epoll;
extern const struct bp_backend_ops bp_kqueue;
extern const struct bp_backend_ops bp_poll_backend;
extern const struct bp_backend_ops bp_iocp;

/* NULL: there is no such backend on this platform. A NULL name means the best. */
const struct bp_backend_ops *bp_backend_find(const char *name);

#endif
