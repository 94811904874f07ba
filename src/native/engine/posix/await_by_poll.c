#include "await_by_poll.h"

#include "deadline.h"
#include "pollfd.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#define ON_STACK 8

static int await(struct bp_awaited *entries, struct pollfd *fds, size_t count,
                 bp_deadline_ns deadline) {
  for (size_t i = 0; i < count; i++) {
    fds[i] = (struct pollfd){.fd = entries[i].fd, .events = bp_pollfd_events(entries[i].interest)};
  }
  const int ready = poll(fds, (nfds_t)count, bp_deadline_left_ms(deadline));
  if (ready < 0) {
    return errno == EAGAIN ? 0 : -errno;
  }
  for (size_t i = 0; i < count; i++) {
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
