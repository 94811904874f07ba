/* Reading and writing with a deadline: the blocking style's one call into the engine for each
 * chunk. */
#include "deadline.h"
#include "interrupt.h"
#include "probe.h"

/* How long the kernel may keep us before the socket has to be asked again. */
static bp_deadline_ns next_look(const struct bp_socket *socket, bp_deadline_ns deadline) {
  if (socket->state == BP_STATE_RETRYING && socket->not_before < deadline) {
    return socket->not_before;
  }
  return deadline;
}

/* Until the descriptor is ready, or it is time for another look. 0, or a negated errno. */
static int wait_ready(const struct bp_socket *socket, unsigned interest, bp_deadline_ns deadline,
                      const struct bp_interrupt *interrupt) {
  if (socket->state == BP_STATE_CONNECTING) {
    interest = BP_READINESS_WRITE;
  }
  struct bp_awaited entries[2] = {bp_socket_awaited(socket, interest)};
  const int ready = bp_await_unless(entries, 1, next_look(socket, deadline), interrupt);
  return ready < 0 ? ready : 0;
}

/* A verb that always finds its socket ready never waits, so it has to look for signals itself. */
static bool looks_for_signals(const struct bp_interrupt *interrupt) {
  return interrupt && interrupt->by_signals;
}

int64_t bp_socket_read_wait(struct bp_socket *socket, void *bytes, size_t length,
                            bp_deadline_ns deadline, const struct bp_interrupt *interrupt) {
  /* A reader of replies finds nothing at first, a reader of a flood always finds more. Each is
   * spared the system call that would only confirm it. */
  bool waits_first =
      length > 0 && deadline != BP_AT_ONCE && (socket->is_drained || looks_for_signals(interrupt));
  for (;;) {
    if (waits_first) {
      const int error = wait_ready(socket, BP_READINESS_READ, deadline, interrupt);
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
                             bp_deadline_ns deadline, const struct bp_interrupt *interrupt) {
  bool waits_first = length > 0 && deadline != BP_AT_ONCE && looks_for_signals(interrupt);
  for (;;) {
    if (waits_first) {
      const int error = wait_ready(socket, BP_READINESS_WRITE, deadline, interrupt);
      if (error) {
        return error;
      }
    }
    const int64_t taken = bp_socket_write(socket, bytes, length);
    if (taken || length == 0 || bp_deadline_passed(deadline)) {
      return taken;
    }
    waits_first = true;
  }
}
