/* That nobody is at a port, which Windows does not tell. */
#include "check.h"
#include "fixtures.h"

#include <errno.h>

static struct bp_socket *udp_to_nobody(void) {
  struct bp_udp_options options = {.host = "127.0.0.1"};
  struct bp_socket *server = NULL;
  struct bp_socket *client = NULL;
  struct bp_address address;
  CHECK_OK(bp_open_udp(&options, &server));
  CHECK_OK(bp_socket_local_address(server, &address));
  options.peer_host = address.host;
  options.peer_port = address.port;
  CHECK_OK(bp_open_udp(&options, &client));
  bp_socket_close(server);
  return client;
}

static void an_error_is_reported_once(const char *backend) {
  char byte = 0;
  struct bp_message message = {.bytes = &byte, .capacity_bytes = 1};
  struct bp_occurrence ready;
  struct bp_poller *poller = NULL;
  struct bp_socket *client = udp_to_nobody();
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, client, BP_EVENT_DATA_AVAILABLE, 1));
  CHECK_INT(send_message(client, "x", 1, NULL), 1);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, &ready, 1), 1);
  CHECK_INT(ready.events, BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(bp_socket_receive(client, &message, 1), -ECONNREFUSED);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(MOMENT_MS), NULL, &ready, 1), 0);
  CHECK_INT(bp_socket_receive(client, &message, 1), 0);
  bp_poller_close(poller);
  bp_socket_close(client);
}

static const struct check_case cases[] = {
    CASE_ON_BACKENDS(an_error_is_reported_once),
};

CHECK_MAIN(cases)
