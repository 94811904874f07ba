/* Reading and writing with a deadline: the blocking style's one call into the engine for each
 * chunk. */
#include "deadline.h"
#include "interrupt.h"
#include "probe.h"
#include "state.h"

static unsigned interest_of(const struct bp_socket *socket, unsigned events) {
  return socket->state == BP_STATE_CONNECTING || events == BP_EVENTS_OF_WRITING ? BP_READINESS_WRITE
                                                                                : BP_READINESS_READ;
}

/*
 * Until the descriptor is ready for reading or writing, or it is time for another look. 0, or a
 * negated errno.
 */
static int wait_ready(const struct bp_socket *socket, unsigned events, bp_deadline_ns deadline,
                      const struct bp_interrupt *interrupt) {
  const bool rests = socket->at_rest & events;
  const bool looks_again = rests || socket->state == BP_STATE_RETRYING;
  const bp_deadline_ns until =
      looks_again && socket->not_before < deadline ? socket->not_before : deadline;
  struct bp_awaited entries[2] = {
      bp_socket_awaited(socket, rests ? 0 : interest_of(socket, events))};
  const int ready = bp_await_unless(entries, 1, until, interrupt);
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
  bool waits_first = length > 0 && deadline != BP_AT_ONCE && !socket->given_back &&
                     (socket->is_drained || looks_for_signals(interrupt));
  for (;;) {
    if (waits_first) {
      const int error = wait_ready(socket, BP_EVENTS_OF_READING, deadline, interrupt);
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
      const int error = wait_ready(socket, BP_EVENTS_OF_WRITING, deadline, interrupt);
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
