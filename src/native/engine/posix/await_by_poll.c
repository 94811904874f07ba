#include "await_by_poll.h"

#include "deadline.h"
#include "pollfd.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#define ON_STACK 8

/*
 * poll(2) refuses more entries than there may be descriptors, also if many are of one socket.
 * Leaves one entry for each descriptor, and says in places where each of ours is. Returns how many
 * are left.
 */
static nfds_t merge(struct pollfd *fds, size_t count, size_t *places) {
  nfds_t used = 0;
  for (size_t i = 0; i < count; i++) {
    nfds_t place = 0;
    while (place < used && fds[place].fd != fds[i].fd) {
      place++;
    }
    if (place == used) {
      fds[used++] = fds[i];
    } else {
      fds[place].events = (short)(fds[place].events | fds[i].events);
    }
    places[i] = place;
  }
  return used;
}

static int await_merged(struct bp_awaited *entries, struct pollfd *fds, size_t count,
                        bp_deadline_ns deadline) {
  size_t *places = calloc(count, sizeof *places);
  if (!places) {
    return -ENOMEM;
  }
  const nfds_t used = merge(fds, count, places);
  const int ready = bp_pollfd_wait(fds, used, deadline);
  for (size_t i = 0; i < count && ready >= 0; i++) {
    struct pollfd own = fds[places[i]];
    own.events = bp_pollfd_events(entries[i].interest);
    own.revents = (short)(own.revents & (own.events | POLLERR | POLLHUP | POLLNVAL));
    entries[i].readiness = own.revents ? bp_pollfd_readiness(&own) : 0;
  }
  free(places);
  return ready;
}

static int await(struct bp_awaited *entries, struct pollfd *fds, size_t count,
                 bp_deadline_ns deadline) {
  for (size_t i = 0; i < count; i++) {
    fds[i] = (struct pollfd){.fd = entries[i].fd, .events = bp_pollfd_events(entries[i].interest)};
  }
  const int ready = bp_pollfd_wait(fds, count, deadline);
  if (ready == -EINVAL && count > 0) {
    return await_merged(entries, fds, count, deadline);
  }
  for (size_t i = 0; i < count && ready >= 0; i++) {
    entries[i].readiness = fds[i].revents ? bp_pollfd_readiness(&fds[i]) : 0;
  }
  return ready;
}

int bp_await_by_poll(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline) {
  struct pollfd on_stack[ON_STACK];
  if (count <= ON_STACK) {
    return await(entries, on_stack, count, deadline);
  }
  struct pollfd *fds = calloc(count, sizeof *fds);
  if (!fds) {
    return -ENOMEM;
  }
  const int ready = await(entries, fds, count, deadline);
  free(fds);
  return ready;
}
