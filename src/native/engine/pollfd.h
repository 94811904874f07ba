/* The one mapping between readiness and the flags of poll(2). */
#ifndef BIPOLL_POLLFD_H
#define BIPOLL_POLLFD_H

short bp_pollfd_events(unsigned interest);
unsigned bp_pollfd_readiness(short revents);

#endif
