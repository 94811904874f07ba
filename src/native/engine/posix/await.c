#include "await.h"

#include "await_by_kqueue.h"
#include "await_by_poll.h"

#include <errno.h>

int bp_await(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline) {
#ifdef BP_HAS_KQUEUE
  const int ready = bp_await_by_kqueue(entries, count, deadline);
  /* A kqueue takes a descriptor, and there may be none left: waiting must be possible even then. */
  if (ready != -EMFILE && ready != -ENFILE) {
    return ready;
  }
#endif
  return bp_await_by_poll(entries, count, deadline);
}
