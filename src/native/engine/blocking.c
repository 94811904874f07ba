/* Reading and writing with a deadline: the blocking style's one call into the engine for each
 * chunk. */
#include "await.h"
#include "deadline.h"
#include "probe.h"

#include <errno.h>

/* How long the kernel may keep us before the socket has to be asked again. */
static bp_deadline_ns next_look(const struct bp_socket *socket, bp_deadline_ns deadline) {
  if (socket->state == BP_RETRYING && socket->not_before < deadline) {
    return socket->not_before;
  }
  return deadline;
}

/* Until the descriptor is ready, or it is time for another look. 0, or a negated errno. */
static int wait_ready(const struct bp_socket *socket, unsigned interest, bp_deadline_ns deadline,
                      bool interruptible) {
  if (socket->state == BP_CONNECTING) {
    interest = BP_WRITE;
  }
  struct bp_awaited entry = bp_socket_awaited(socket, interest);
  const bp_deadline_ns until = next_look(socket, deadline);
  int ready = 0;
  do {
    ready = bp_await(&entry, 1, until);
  } while (ready == -EINTR && !interruptible);
  return ready < 0 ? ready : 0;
}

int64_t bp_socket_read_wait(struct bp_socket *socket, void *bytes, size_t length,
                            bp_deadline_ns deadline, bool interruptible) {
  /* Who reads replies finds nothing at first, who reads a flood always finds more: each is spared
   * the system call that would tell so. */
  bool waits_first = socket->is_drained && length > 0 && deadline != BP_AT_ONCE;
  for (;;) {
    if (waits_first) {
      const int error = wait_ready(socket, BP_READ, deadline, interruptible);
      if (error) {
        return error;
      }
    }
    const int64_t got = bp_socket_read(socket, bytes, length, false);
    if (got || length == 0 || bp_deadline_passed(deadline)) {
      return got;
    }
    waits_first = true;
  }
}

int64_t bp_socket_write_wait(struct bp_socket *socket, const void *bytes, size_t length,
                             bp_deadline_ns deadline, bool interruptible) {
  for (;;) {
    const int64_t taken = bp_socket_write(socket, bytes, length);
    if (taken || length == 0 || bp_deadline_passed(deadline)) {
      return taken;
    }
    const int error = wait_ready(socket, BP_WRITE, deadline, interruptible);
    if (error) {
      return error;
    }
  }
}
