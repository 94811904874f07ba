#include "predicates.h"

#include "connecting.h"
#include "kind.h"
#include "probe.h"
#include "state.h"

/* Whether or not any of the events are at rest. */
static unsigned interest_of(const struct bp_socket *socket, unsigned events) {
  if (!events) {
    return 0;
  }
  switch (socket->state) {
  case BP_STATE_CONNECTING:
    return BP_READINESS_WRITE;
  case BP_STATE_RETRYING:
  case BP_STATE_FAILED:
    return 0;
  case BP_STATE_LISTENING:
  case BP_STATE_CONNECTED:
    break;
  }
  return socket->ops->interest(socket, events);
}

unsigned bp_socket_interest(const struct bp_socket *socket, unsigned events) {
  return interest_of(socket, bp_state_awake(socket, events));
}

bp_deadline_ns bp_socket_ask_at(const struct bp_socket *socket, unsigned events) {
  if (!events) {
    return BP_FOREVER;
  }
  switch (socket->state) {
  case BP_STATE_CONNECTING:
    return BP_FOREVER;
  case BP_STATE_RETRYING:
    return socket->not_before;
  case BP_STATE_FAILED:
    return BP_AT_ONCE;
  case BP_STATE_LISTENING:
  case BP_STATE_CONNECTED:
    break;
  }
  const unsigned awake = bp_state_awake(socket, events);
  const bp_deadline_ns at = awake ? socket->ops->ask_at(socket, awake) : BP_FOREVER;
  return awake != events && socket->not_before < at ? socket->not_before : at;
}

static unsigned holds_given(struct bp_socket *socket, unsigned events, unsigned readiness,
                            unsigned interest) {
  bp_socket_determine(socket);
  if (socket->state == BP_STATE_CONNECTING || socket->state == BP_STATE_RETRYING) {
    return 0;
  }
  if (socket->state == BP_STATE_FAILED) {
    return events & (BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_FAILED | BP_EVENT_READABLE |
                     BP_EVENT_WRITABLE);
  }
  /* Readiness that was not watched for is unknown. Watching for data includes watching for the end.
   */
  unsigned needed = interest_of(socket, events);
  if (events & BP_EVENT_CONNECTION_SUCCEEDED) {
    needed |= BP_READINESS_PEER_CLOSED;
  }
  if (interest & BP_READINESS_READ) {
    interest |= BP_READINESS_PEER_CLOSED;
  }
  if (needed & ~interest) {
    readiness = bp_socket_probe(socket, needed);
  }
  return socket->ops->holds(socket, events, readiness);
}

unsigned bp_socket_holds_given(struct bp_socket *socket, unsigned events, unsigned readiness,
                               unsigned interest) {
  bp_state_end_rest_in_time(socket);
  return holds_given(socket, bp_state_awake(socket, events), readiness, interest);
}

/* Readiness is a hint: an out-of-band byte makes a stream readable, though no read finds it. Where
 * we cannot look ahead, since that would take an error which receiving has to report, the hint is
 * the answer. */
static bool has_data(struct bp_socket *socket) {
  char byte = 0;
  return socket->holds_unread || !socket->ops->read || bp_socket_read(socket, &byte, 1, true) > 0;
}

unsigned bp_socket_holds(struct bp_socket *socket, unsigned events) {
  if (socket->state == BP_STATE_RETRYING) {
    bp_state_retry_now(socket); /* who asks wants to know now */
  }
  /* Also of what is at rest, which is for pollers. */
  const unsigned holds = holds_given(socket, events, 0, 0);
  return holds & BP_EVENT_DATA_AVAILABLE && !has_data(socket)
             ? holds & ~(unsigned)BP_EVENT_DATA_AVAILABLE
             : holds;
}
