/* Sources of signals. Their queue, which is not the engine's, takes the signals from the system and
 * has a descriptor that tells of them. */
#include "kind.h"
#include "readiness.h"

#include <errno.h>

struct signal_source {
  struct bp_socket socket; /* first */
  struct bp_signal_queue *queue;
};

int bp_open_signal_source(struct bp_signal_queue *queue, struct bp_socket **out) {
  const int error = bp_socket_new(&bp_signal_source, BP_STATE_CONNECTED, queue->fd, NULL, 0, out);
  if (!error) {
    ((struct signal_source *)*out)->queue = queue;
  }
  return error;
}

struct bp_signal_queue *bp_signal_source_queue(struct bp_socket *socket) {
  return socket->ops == &bp_signal_source ? ((struct signal_source *)socket)->queue : NULL;
}

static void signal_source_close(struct bp_socket *socket) {
  struct bp_signal_queue *queue = ((struct signal_source *)socket)->queue;
  queue->close(queue);
}

static unsigned signal_source_interest(const struct bp_socket *socket, unsigned events) {
  (void)socket;
  (void)events;
  return BP_READINESS_READ;
}

static bp_deadline_ns signal_source_ask_at(const struct bp_socket *socket, unsigned events) {
  (void)socket;
  (void)events;
  return BP_FOREVER;
}

static unsigned signal_source_holds(struct bp_socket *socket, unsigned events, unsigned readiness) {
  (void)socket;
  return readiness & BP_READINESS_READ ? events : 0;
}

const struct bp_kind_ops bp_signal_source = {
    .kind = BP_KIND_SIGNAL_SOURCE,
    .size = sizeof(struct signal_source),
    .events = BP_EVENT_SIGNALLED,
    .close = signal_source_close,
    .interest = signal_source_interest,
    .ask_at = signal_source_ask_at,
    .holds = signal_source_holds,
    .hides_descriptor = true,
};
