#include "pollfd.h"

#include "deadline.h"
#include "nap.h"
#include "readiness.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define NAP_MS 5

int bp_pollfd_wait(struct pollfd *entries, size_t count, bp_deadline_ns deadline) {
  const int ready = poll(entries, (nfds_t)count, bp_deadline_left_ms(deadline));
  if (ready >= 0) {
    return ready;
  }
  if (errno != EAGAIN && errno != ENOMEM) {
    return -errno;
  }
  bp_nap(NAP_MS);
  for (size_t i = 0; i < count; i++) {
    entries[i].revents = 0;
  }
  return 0;
}

#ifdef POLLRDHUP

#define PEER_CLOSED POLLRDHUP

static unsigned closed(const struct pollfd *entry) {
  return (entry->revents & POLLRDHUP ? BP_READINESS_PEER_CLOSED : 0U) |
         (entry->revents & POLLHUP ? BP_READINESS_HUNG_UP : 0U);
}

#else

/* Elsewhere the end only makes the socket readable, which bytes do as well. */
#define PEER_CLOSED POLLIN

static unsigned closed(const struct pollfd *entry) {
  char byte = 0;
  if (entry->revents & POLLHUP) {
#ifdef __APPLE__
    /* It says so when one side is over, and then never that there is room to write. */
    return BP_READINESS_READ | BP_READINESS_PEER_CLOSED |
           (entry->events & POLLOUT ? BP_READINESS_WRITE : 0U);
#else
    return BP_READINESS_PEER_CLOSED | BP_READINESS_HUNG_UP;
#endif
  }
  /* Only the end that has no bytes before it can be told from bytes. */
  return entry->revents & POLLIN && recv(entry->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0
             ? BP_READINESS_PEER_CLOSED
             : 0U;
}

#endif

short bp_pollfd_events(unsigned interest) {
  return (short)((interest & BP_READINESS_READ ? POLLIN | PEER_CLOSED : 0) |
                 (interest & BP_READINESS_WRITE ? POLLOUT : 0) |
                 (interest & BP_READINESS_PEER_CLOSED ? PEER_CLOSED : 0));
}

unsigned bp_pollfd_readiness(const struct pollfd *entry) {
  const short revents = entry->revents;
  return (revents & (POLLIN | POLLPRI) ? BP_READINESS_READ : 0U) |
         (revents & POLLOUT ? BP_READINESS_WRITE : 0U) |
         (revents & (POLLERR | POLLNVAL) ? BP_READINESS_ERROR : 0U) | closed(entry);
}
