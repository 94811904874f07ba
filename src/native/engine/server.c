#include "server.h"

#include "readiness.h"

unsigned bp_server_interest(const struct bp_socket *server, unsigned events) {
  (void)server, (void)events;
  return BP_READINESS_READ;
}

bp_deadline_ns bp_server_ask_at(const struct bp_socket *server, unsigned events) {
  (void)server, (void)events;
  return BP_FOREVER;
}

unsigned bp_server_holds(struct bp_socket *server, unsigned events, unsigned readiness) {
  (void)server;
  /* A listener that another process has shut down only hangs up: accept() says why. */
  return readiness & (BP_READINESS_READ | BP_READINESS_HUNG_UP | BP_READINESS_ERROR)
             ? events & BP_EVENT_CONNECTION_AVAILABLE
             : 0;
}
