#include "interrupt.h"

#include "deadline.h"

#include <errno.h>

/* Long enough to cost nothing, short enough that nobody notices: a thread that is to end goes on
 * for half as long on average. */
#define LOOK_MS 100

bool bp_interrupt_has_descriptor(const struct bp_interrupt *interrupt) {
  return interrupt && interrupt->by_signals && interrupt->signal_fd >= 0;
}

/* Whether a system call that a signal cut short is evidence enough. */
static bool counts_cut_calls(const struct bp_interrupt *interrupt) {
  return interrupt && interrupt->by_signals && interrupt->signal_fd < 0;
}

bp_deadline_ns bp_interrupt_next_look(const struct bp_interrupt *interrupt,
                                      bp_deadline_ns deadline) {
  if (!interrupt || !interrupt->is_over || deadline == BP_AT_ONCE) {
    return deadline;
  }
  const bp_deadline_ns look_at = bp_deadline_after(LOOK_MS);
  return look_at < deadline ? look_at : deadline;
}

bool bp_interrupt_is_over(const struct bp_interrupt *interrupt) {
  return interrupt && interrupt->is_over && interrupt->is_over(interrupt->context);
}

int bp_await_unless(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline,
                    const struct bp_interrupt *interrupt) {
  const bool has_descriptor = bp_interrupt_has_descriptor(interrupt);
  if (has_descriptor) {
    entries[count] = (struct bp_awaited){.fd = interrupt->signal_fd, .interest = BP_READINESS_READ};
  }
  for (;;) {
    const bp_deadline_ns until = bp_interrupt_next_look(interrupt, deadline);
    const int ready = bp_await(entries, has_descriptor ? count + 1 : count, until);
    if (ready > 0 && has_descriptor && entries[count].readiness) {
      return -EINTR;
    }
    if (ready == -EINTR ? counts_cut_calls(interrupt) : ready != 0) {
      return ready;
    }
    if (bp_interrupt_is_over(interrupt)) {
      return -EINTR;
    }
    if (ready == 0 && until == deadline) {
      return 0;
    }
  }
}
