#include "datagram.h"

#include "readiness.h"

unsigned bp_datagram_interest(const struct bp_socket *socket, unsigned events) {
  (void)socket;
  return (events & BP_EVENT_DATA_AVAILABLE ? BP_READINESS_READ : 0U) |
         (events & BP_EVENT_READY_TO_WRITE ? BP_READINESS_WRITE : 0U);
}

/* Whether a receive has something to give that the kernel does not know of any more. */
static bool has_at_hand(const struct bp_socket *socket) {
  return socket->holds_unread || socket->read_error;
}

bp_deadline_ns bp_datagram_ask_at(const struct bp_socket *socket, unsigned events) {
  return has_at_hand(socket) && events & BP_EVENT_DATA_AVAILABLE ? BP_AT_ONCE : BP_FOREVER;
}

unsigned bp_datagram_holds(struct bp_socket *socket, unsigned events, unsigned readiness) {
  (void)socket;
  /* The kernel keeps the error of an earlier message until the next call takes it. Until then it
   * reports the socket as ready, whatever is watched for, so the watcher must be told. */
  const unsigned error = readiness & (BP_READINESS_ERROR | BP_READINESS_HUNG_UP);
  const bool has_data = error || readiness & BP_READINESS_READ || has_at_hand(socket);
  return events & ((has_data ? BP_EVENT_DATA_AVAILABLE : 0U) |
                   (error || readiness & BP_READINESS_WRITE ? BP_EVENT_READY_TO_WRITE : 0U));
}
