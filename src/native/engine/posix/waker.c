#include "waker.h"

#include "nap.h"

#include <unistd.h>

#define MOST_TRIES 20

int bp_waker_open_as(struct bp_waker *waker, const struct bp_waker_ops *ops) {
  waker->ops = ops;
  atomic_init(&waker->is_signalled, false);
  return ops->open(waker);
}

int bp_waker_open(struct bp_waker *waker) {
#ifdef __linux__
  /* Some sandboxes have no eventfd. */
  if (bp_waker_open_as(waker, &bp_waker_eventfd) == 0) {
    return 0;
  }
#endif
  return bp_waker_open_as(waker, &bp_waker_pipe);
}

void bp_waker_close(struct bp_waker *waker) {
  close(waker->read_fd);
  if (waker->write_fd != waker->read_fd) {
    close(waker->write_fd);
  }
}

void bp_waker_signal(struct bp_waker *waker) {
  if (atomic_exchange(&waker->is_signalled, true)) {
    return;
  }
  /* Nobody could be told that it failed: so a few tries, and then the next signal has its own. */
  for (int tries = 0; tries < MOST_TRIES; tries++) {
    if (waker->ops->signal(waker)) {
      return;
    }
    bp_nap(1);
  }
  atomic_store(&waker->is_signalled, false);
}

void bp_waker_drain(struct bp_waker *waker) {
  /* Cleared last: a signal between the two finds the flag still set and writes nothing, but its
   * waiter is awake. The other way round it would be drained with this one and leave the flag set,
   * so that no later signal wrote anything. An exchange, so that what that signaller did before is
   * seen after. */
  waker->ops->drain(waker);
  (void)atomic_exchange(&waker->is_signalled, false);
}
