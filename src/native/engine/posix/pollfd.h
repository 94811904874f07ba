/* The one call of poll(2), and the one mapping between readiness and its flags. */
#ifndef BIPOLL_POLLFD_H
#define BIPOLL_POLLFD_H

#include "engine.h"

struct pollfd;

/*
 * poll(2) until a deadline. Returns how many are ready, 0 perhaps early, or a negated errno. While
 * the system lacks memory none is, and that takes a few milliseconds, whatever the deadline: most
 * who call this call it again.
 */
int bp_pollfd_wait(struct pollfd *entries, size_t count, bp_deadline_ns deadline);

short bp_pollfd_events(unsigned interest);
/* Of what poll(2) has reported, which must be something. */
unsigned bp_pollfd_readiness(const struct pollfd *entry);

#endif
