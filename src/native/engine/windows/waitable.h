/*
 * What can be waited for without AFD: named pipes, and listeners for them. Those who wait are told
 * once that something may have changed, look for themselves, and wait anew if it was nothing: so
 * what is ready is found by every wait, as backend.h promises.
 */
#ifndef BIPOLL_WAITABLE_H
#define BIPOLL_WAITABLE_H

#include "readiness.h"

#include <stdbool.h>

struct bp_waiter {
  unsigned interest; /* as of a registration: backend.h */
  /* From any thread and under the lock: it may do no more than signal. False if it could not. */
  bool (*notify)(void *context);
  void *context;
  struct bp_waiter *next; /* and link, which points here: valid while it waits */
  struct bp_waiter **link;
  bool is_waiting;
};

struct bp_waitable { /* the first member of what can be waited for */
  /* Both are called under the lock. All that is ready now: */
  unsigned (*look)(struct bp_waitable *waitable);
  /* Sees to it that bp_waitable_notify is called when there is something to read, or the end. */
  void (*expect)(struct bp_waitable *waitable);
  struct bp_waiter *waiters;
};

/* A look without waiting. */
unsigned bp_waitable_probe(struct bp_waitable *waitable, unsigned interest);

/* Has the waiter notified once: at once if something is ready already. */
void bp_waitable_arm(struct bp_waitable *waitable, struct bp_waiter *waiter);
/* False: it was notified before. Afterwards it is not. */
bool bp_waitable_disarm(struct bp_waiter *waiter);

/* Under the lock: tells those whose interest is among these. */
void bp_waitable_notify(struct bp_waitable *waitable, unsigned interest);
/* After something was read, which may have been what kept the end out of sight. */
void bp_waitable_has_read(struct bp_waitable *waitable);

#endif
