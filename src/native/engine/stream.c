#include "stream.h"

#include "kind.h"
#include "readiness.h"
#include "state.h"

#include <errno.h>

#define CONNECTION_EVENTS                                                                          \
  (BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_CONNECTION_FAILED)
#define CLOSED (BP_READINESS_PEER_CLOSED | BP_READINESS_HUNG_UP | BP_READINESS_ERROR)

int bp_stream_begin(struct bp_socket *socket, struct bp_socket **out) {
  const int error = socket->ops->connect(socket);
  if (error && error != -EINPROGRESS) {
    bp_socket_close(socket);
    return error;
  }
  bp_state_connecting(socket, error);
  *out = socket;
  return 0;
}

unsigned bp_stream_interest(const struct bp_socket *socket, unsigned events) {
  unsigned interest = 0;
  /* Readable for ever after its end, so nothing to watch for then; likewise a broken writer. */
  if (events & BP_EVENT_DATA_AVAILABLE && !socket->given_back && !socket->has_ended &&
      !socket->read_error) {
    interest |= BP_READINESS_READ;
  }
  if (events & (BP_EVENT_READY_TO_WRITE | BP_EVENT_WRITABLE) && !socket->is_write_broken) {
    interest |= BP_READINESS_WRITE;
  }
  /* The pump's: it removes these once it has reported the end, or the room. */
  interest |= events & BP_EVENT_READABLE ? BP_READINESS_READ : 0U;
  if (events & BP_EVENT_REMOTE_DISCONNECTED) {
    interest |= BP_READINESS_PEER_CLOSED;
  }
  return interest;
}

bp_deadline_ns bp_stream_ask_at(const struct bp_socket *socket, unsigned events) {
  const bool is_known =
      events & CONNECTION_EVENTS || (socket->holds_unread && events & BP_EVENT_DATA_AVAILABLE) ||
      (socket->given_back && events & (BP_EVENT_DATA_AVAILABLE | BP_EVENT_READABLE)) ||
      (socket->is_write_broken && events & BP_EVENT_WRITABLE);
  return is_known ? BP_AT_ONCE : BP_FOREVER;
}

/* The end is readable as well: only a look ahead tells it from data that came before it. */
static bool has_data_before_end(struct bp_socket *socket) {
  char byte = 0;
  int64_t got = 0;
  do {
    got = socket->ops->read(socket, &byte, 1, true);
  } while (got == -EINTR);
  return bp_state_read(socket, 1, got) > 0;
}

static bool data_available(struct bp_socket *socket, unsigned readiness) {
  if (socket->holds_unread || socket->given_back) {
    return true;
  }
  if (socket->has_ended || socket->read_error || !(readiness & (BP_READINESS_READ | CLOSED))) {
    return false;
  }
  return !(readiness & CLOSED) || has_data_before_end(socket);
}

unsigned bp_stream_holds(struct bp_socket *socket, unsigned events, unsigned readiness) {
  if (readiness & (BP_READINESS_HUNG_UP | BP_READINESS_ERROR)) {
    bp_state_break_writing(socket);
  }
  unsigned holds = BP_EVENT_DETERMINED;
  if (events & BP_EVENT_DATA_AVAILABLE && data_available(socket, readiness)) {
    holds |= BP_EVENT_DATA_AVAILABLE;
  }
  if (readiness & BP_READINESS_WRITE && !socket->is_write_broken) {
    holds |= BP_EVENT_READY_TO_WRITE;
  }
  if (readiness & BP_READINESS_WRITE || socket->is_write_broken) {
    holds |= BP_EVENT_WRITABLE;
  }
  const bool is_closed = readiness & CLOSED || socket->has_ended || socket->read_error;
  if (is_closed || socket->given_back || readiness & BP_READINESS_READ) {
    holds |= BP_EVENT_READABLE;
  }
  holds |= is_closed ? BP_EVENT_REMOTE_DISCONNECTED : BP_EVENT_CONNECTION_SUCCEEDED;
  return holds & events;
}
