/* Waiting that can be interrupted: the counterpart of struct bp_interrupt. */
#ifndef BIPOLL_INTERRUPT_H
#define BIPOLL_INTERRUPT_H

#include "await.h"

/* As bp_await, and -EINTR once interrupted. entries has room for one more than count. */
int bp_await_unless(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline,
                    const struct bp_interrupt *interrupt);

/* ---- For waits of another kind ---- */

/* Whether a descriptor tells of the signals that end the wait. */
bool bp_interrupt_has_descriptor(const struct bp_interrupt *interrupt);
/* The deadline of a wait that cannot be told of the thread's end: bp_interrupt_is_over() is asked
 * behind it. */
bp_deadline_ns bp_interrupt_next_look(const struct bp_interrupt *interrupt,
                                      bp_deadline_ns deadline);
bool bp_interrupt_is_over(const struct bp_interrupt *interrupt);

#endif
