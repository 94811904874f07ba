/* Waiting for a few descriptors at once, with no set to keep. */
#ifndef BIPOLL_AWAIT_H
#define BIPOLL_AWAIT_H

#include "engine.h"
#include "readiness.h"

struct bp_awaited {
  int fd;                       /* negative: nothing to wait for */
  struct bp_waitable *waitable; /* not NULL: instead of fd. Only Windows has such */
  unsigned interest;            /* as of a registration: backend.h */
  unsigned readiness;           /* out */
};

/* Until one of them is ready. Returns how many are; 0 at the deadline; -EINTR after a signal. */
int bp_await(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline);

#endif
