/* Deadlines, not durations: a wait that a signal cut short goes on to the same end. */
#ifndef BIPOLL_DEADLINE_H
#define BIPOLL_DEADLINE_H

#include "clock.h"
#include "engine.h"

#ifdef __cplusplus
extern "C" {
#endif

struct timespec;

/* Milliseconds left, rounded up so that a wait never ends early and then spins; -1: for ever. */
int bp_deadline_left_ms(bp_deadline_ns deadline);

/* The same as a timespec, at most a day, as systems refuse more; NULL: for ever. Returns out, or
 * NULL. */
struct timespec *bp_deadline_left(bp_deadline_ns deadline, struct timespec *out);

bool bp_deadline_passed(bp_deadline_ns deadline);

#ifdef __cplusplus
}
#endif

#endif
