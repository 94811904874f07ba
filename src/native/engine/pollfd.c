#include "pollfd.h"

#include "backend.h"

#include <poll.h>

#ifndef POLLRDHUP
/* Only Linux tells a peer's half-close apart; elsewhere it makes the socket readable. */
#define POLLRDHUP POLLIN
#define PEER_CLOSED 0
#else
#define PEER_CLOSED POLLRDHUP
#endif

short bp_pollfd_events(unsigned interest) {
  return (short)((interest & BP_READ ? POLLIN | POLLRDHUP : 0) |
                 (interest & BP_WRITE ? POLLOUT : 0) | (interest & BP_PEER_CLOSED ? POLLRDHUP : 0));
}

unsigned bp_pollfd_readiness(short revents) {
  return (revents & (POLLIN | POLLPRI) ? BP_READ : 0U) | (revents & POLLOUT ? BP_WRITE : 0U) |
         (revents & PEER_CLOSED ? BP_PEER_CLOSED : 0U) | (revents & POLLHUP ? BP_HUNG_UP : 0U) |
         (revents & (POLLERR | POLLNVAL) ? BP_ERROR : 0U);
}
