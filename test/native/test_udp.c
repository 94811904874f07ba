/* UDP: messages as a whole, their senders, what becomes of errors. */
#include "check.h"
#include "fixtures.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct bp_socket *udp(const char *host) {
  const struct bp_udp_options options = {.host = host};
  struct bp_socket *socket = NULL;
  CHECK_OK(bp_open_udp(&options, &socket));
  return socket;
}

static struct bp_socket *udp_to(const struct bp_address *peer) {
  const struct bp_udp_options options = {
      .host = "127.0.0.1", .peer_host = peer->host, .peer_port = peer->port};
  struct bp_socket *socket = NULL;
  CHECK_OK(bp_open_udp(&options, &socket));
  return socket;
}

static struct bp_endpoint endpoint_of(const struct bp_socket *socket) {
  struct bp_endpoint endpoint = {.path_length = 0};
  CHECK_OK(bp_socket_local_address(socket, &endpoint.address));
  return endpoint;
}

/* Waits for the next message, which must have these bytes. Returns it. */
static struct bp_message receive(struct bp_socket *socket, const char *expected) {
  static char bytes[64];
  struct bp_message message = {.bytes = bytes, .capacity_bytes = sizeof bytes};
  CHECK_INT(await(socket, BP_EVENT_DATA_AVAILABLE), BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(bp_socket_receive(socket, &message, 1), 1);
  CHECK_INT(message.length, strlen(expected));
  CHECK_INT(memcmp(bytes, expected, message.length), 0);
  return message;
}

static void exchange(const char *host) {
  struct bp_socket *left = udp(host);
  struct bp_socket *right = udp(host);
  const struct bp_endpoint to = endpoint_of(right);
  CHECK_INT(send_message(left, "hello", 5, &to), 1);
  const struct bp_message message = receive(right, "hello");
  CHECK(!message.is_cut);
  CHECK_TEXT(message.from.address.host, endpoint_of(left).address.host);
  CHECK_INT(message.from.address.port, endpoint_of(left).address.port);
  CHECK_INT(send_message(right, "", 0, &message.from), 1);
  (void)receive(left, "");
  bp_socket_close(left);
  bp_socket_close(right);
}

static void messages_over_ipv4(void) {
  exchange("127.0.0.1");
}

static void messages_over_ipv6(void) {
  exchange("::1");
}

static void nothing_is_told_from_an_empty_message(void) {
  char byte = 0;
  struct bp_message message = {.bytes = &byte, .capacity_bytes = 1};
  struct bp_socket *server = udp("127.0.0.1");
  const struct bp_endpoint to = endpoint_of(server);
  struct bp_socket *client = udp_to(&to.address);
  CHECK_INT(bp_socket_receive(server, &message, 1), 0);
  CHECK_INT(bp_socket_holds(server, BP_EVENT_DATA_AVAILABLE), 0);
  CHECK_INT(send_message(client, "", 0, NULL), 1);
  (void)receive(server, "");
  CHECK_INT(send_message(client, "long", 4, NULL), 1);
  CHECK_INT(await(server, BP_EVENT_DATA_AVAILABLE), BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(bp_socket_receive(server, &message, 1), 1);
  CHECK(message.is_cut);
  CHECK_INT(message.length, 1);
  CHECK_INT(bp_socket_receive(server, &message, 1), 0);
  bp_socket_close(client);
  bp_socket_close(server);
}

/* Perhaps in several calls: each receives as many as the system gives at once. */
static void several_messages_are_received_in_order(void) {
  enum { COUNT = 40 };
  unsigned char bytes[COUNT];
  struct bp_message messages[COUNT];
  struct bp_socket *server = udp("127.0.0.1");
  const struct bp_endpoint to = endpoint_of(server);
  struct bp_socket *client = udp_to(&to.address);
  for (unsigned char i = 0; i < COUNT; i++) {
    messages[i] = (struct bp_message){.bytes = &bytes[i], .capacity_bytes = 1};
    CHECK_INT(send_message(client, &i, 1, NULL), 1);
  }
  for (size_t received = 0; received < COUNT;) {
    CHECK_INT(await(server, BP_EVENT_DATA_AVAILABLE), BP_EVENT_DATA_AVAILABLE);
    const int got = bp_socket_receive(server, messages + received, COUNT - received);
    CHECK_AT_LEAST(got, 1);
    received += (size_t)got;
  }
  for (size_t i = 0; i < COUNT; i++) {
    CHECK_INT(bytes[i], i);
    CHECK_INT(messages[i].from.address.port, endpoint_of(client).address.port);
  }
  bp_socket_close(client);
  bp_socket_close(server);
}

/* More than one call of the system takes, to two receivers in turn. */
static void many_messages_are_sent_in_order(void) {
  enum { COUNT = BP_MAX_MESSAGES + 6 };
  unsigned char numbers[COUNT];
  unsigned char bytes[COUNT];
  struct bp_outgoing outgoing[COUNT];
  struct bp_message messages[COUNT];
  struct bp_socket *servers[] = {udp("127.0.0.1"), udp("127.0.0.1")};
  const struct bp_endpoint to[] = {endpoint_of(servers[0]), endpoint_of(servers[1])};
  struct bp_socket *client = udp("127.0.0.1");
  for (unsigned char i = 0; i < COUNT; i++) {
    numbers[i] = i;
    outgoing[i] = (struct bp_outgoing){.bytes = &numbers[i], .length = 1, .to = &to[i / 3 % 2]};
    messages[i] = (struct bp_message){.bytes = &bytes[i], .capacity_bytes = 1};
  }
  CHECK_INT(bp_socket_send(client, outgoing, COUNT), COUNT);
  size_t received = 0;
  for (size_t server = 0; server < 2; server++) {
    const size_t first = received;
    for (int got = 0;
         (got = bp_socket_receive(servers[server], messages + received, COUNT - received)) > 0;) {
      received += (size_t)got;
    }
    for (size_t i = first + 1; i < received; i++) {
      CHECK(bytes[i] > bytes[i - 1]);
      CHECK_INT(bytes[i] / 3 % 2, server);
    }
    bp_socket_close(servers[server]);
  }
  CHECK_INT(received, COUNT);
  CHECK_INT(bp_socket_send(client, outgoing, 0), 0);
  bp_socket_close(client);
}

static void those_before_one_that_fails_are_sent(void) {
  static char bytes[100000];
  struct bp_socket *server = udp("127.0.0.1");
  const struct bp_endpoint to = endpoint_of(server);
  const struct bp_endpoint nowhere = {.address = {.host = "nonsense"}};
  struct bp_outgoing outgoing[] = {{.bytes = "first", .length = 5, .to = &to},
                                   {.bytes = bytes, .length = sizeof bytes, .to = &to},
                                   {.bytes = "last", .length = 4, .to = &to}};
  CHECK_INT(bp_socket_send(server, outgoing, 3), 1);
  CHECK_INT(bp_socket_send(server, outgoing + 1, 2), -EMSGSIZE);
  outgoing[1].to = &nowhere;
  CHECK_INT(bp_socket_send(server, outgoing, 3), 1);
  CHECK_INT(bp_socket_send(server, outgoing + 1, 2), -EINVAL);
  CHECK_INT(bp_socket_send(server, outgoing + 2, 1), 1);
  (void)receive(server, "first");
  (void)receive(server, "first");
  (void)receive(server, "last");
  bp_socket_close(server);
}

static void messages_that_the_owner_keeps_are_reported(const char *backend) {
  struct bp_occurrence ready;
  struct bp_poller *poller = NULL;
  struct bp_socket *socket = udp("127.0.0.1");
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, socket, BP_EVENT_DATA_AVAILABLE, 1));
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, &ready, 1), 0);
  bp_socket_hold_unread(socket, true);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, &ready, 1), 1);
  CHECK_INT(ready.events, BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(await(socket, BP_EVENT_DATA_AVAILABLE), BP_EVENT_DATA_AVAILABLE);
  bp_socket_hold_unread(socket, false);
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, &ready, 1), 0);
  bp_poller_close(poller);
  bp_socket_close(socket);
}

static void a_message_that_is_too_long_is_refused(void) {
  static char bytes[100000];
  struct bp_socket *server = udp("127.0.0.1");
  const struct bp_endpoint to = endpoint_of(server);
  CHECK_INT(send_message(server, bytes, sizeof bytes, &to), -EMSGSIZE);
  CHECK_INT(send_message(server, "fits", 4, &to), 1);
  (void)receive(server, "fits");
  bp_socket_close(server);
}

static void it_has_no_bytes(void) {
  char byte = 0;
  const struct bp_bytes piece = {.bytes = "x", .length = 1};
  struct bp_socket *socket = udp("127.0.0.1");
  CHECK_INT(bp_socket_read(socket, &byte, 1, false), -EPROTOTYPE);
  CHECK_INT(bp_socket_write(socket, "x", 1), -EPROTOTYPE);
  CHECK_INT(bp_socket_writev(socket, &piece, 1), -EPROTOTYPE);
  CHECK_INT(bp_socket_shutdown(socket), -EPROTOTYPE);
  bp_socket_close(socket);
}

static void a_stream_has_no_messages(void) {
  char byte = 0;
  struct bp_message message = {.bytes = &byte, .capacity_bytes = 1};
  struct bp_socket *pair[2];
  tcp_pair(pair);
  CHECK_INT(bp_socket_receive(pair[0], &message, 1), -EPROTOTYPE);
  CHECK_INT(send_message(pair[0], "x", 1, NULL), -EPROTOTYPE);
  CHECK_INT(bp_udp_set(pair[0], BP_UDP_TTL, 1), -EPROTOTYPE);
  close_pair(pair);
}

static void settings_are_taken_of_either_family(void) {
  const char *const hosts[] = {"127.0.0.1", "::1"};
  for (size_t i = 0; i < 2; i++) {
    struct bp_socket *socket = udp(hosts[i]);
    CHECK_OK(bp_udp_set(socket, BP_UDP_BROADCAST, 1));
    CHECK_OK(bp_udp_set(socket, BP_UDP_TTL, 7));
    CHECK_OK(bp_udp_set(socket, BP_UDP_MULTICAST_TTL, 0));
    CHECK_OK(bp_udp_set(socket, BP_UDP_MULTICAST_LOOPBACK, 0));
    CHECK_INT(bp_udp_set_membership(socket, "nonsense", NULL, true), -EINVAL);
    CHECK_INT(bp_udp_set_membership(socket, hosts[1 - i], NULL, true), -EINVAL);
    bp_socket_close(socket);
  }
}

static void it_is_reported_until_it_is_drained(const char *backend) {
  struct bp_occurrence ready;
  struct bp_poller *poller = NULL;
  struct bp_socket *server = udp("127.0.0.1");
  const struct bp_endpoint to = endpoint_of(server);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, server, BP_EVENT_DATA_AVAILABLE, 1));
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, &ready, 1), 0);
  CHECK_INT(send_message(server, "", 0, &to), 1);
  for (int i = 0; i < 2; i++) {
    CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, &ready, 1), 1);
    CHECK_INT(ready.events, BP_EVENT_DATA_AVAILABLE);
  }
  (void)receive(server, "");
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, &ready, 1), 0);
  CHECK_OK(bp_poller_monitor(poller, server, BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE, 1));
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, &ready, 1), 1);
  CHECK_INT(ready.events, BP_EVENT_READY_TO_WRITE);
  CHECK_INT(bp_poller_monitor(poller, server, BP_EVENT_REMOTE_DISCONNECTED, 1), -EINVAL);
  bp_poller_close(poller);
  bp_socket_close(server);
}

static const struct check_case cases[] = {
    CASE(messages_over_ipv4),
    CASE(messages_over_ipv6),
    CASE(nothing_is_told_from_an_empty_message),
    CASE(several_messages_are_received_in_order),
    CASE(many_messages_are_sent_in_order),
    CASE(those_before_one_that_fails_are_sent),
    CASE(a_message_that_is_too_long_is_refused),
    CASE(it_has_no_bytes),
    CASE(a_stream_has_no_messages),
    CASE(settings_are_taken_of_either_family),
    CASE_ON_BACKENDS(it_is_reported_until_it_is_drained),
    CASE_ON_BACKENDS(messages_that_the_owner_keeps_are_reported),
};

CHECK_MAIN(cases)
