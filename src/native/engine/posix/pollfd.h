/* The one mapping between readiness and the flags of poll(2). */
#ifndef BIPOLL_POLLFD_H
#define BIPOLL_POLLFD_H

struct pollfd;

short bp_pollfd_events(unsigned interest);
/* Of what poll(2) has reported, which must be something. */
unsigned bp_pollfd_readiness(const struct pollfd *entry);

#endif
