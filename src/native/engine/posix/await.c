#include "await.h"

#include "await_by_kqueue.h"
#include "await_by_poll.h"

#include <errno.h>

int bp_await(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline) {
#ifdef BP_HAS_KQUEUE
  const int ready = bp_await_by_kqueue(entries, count, deadline);
  /* It takes a descriptor, and there may be no more: that must not keep anybody from waiting. */
  if (ready != -EMFILE && ready != -ENFILE) {
    return ready;
  }
#endif
  return bp_await_by_poll(entries, count, deadline);
}
