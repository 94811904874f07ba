/* Local datagrams and local packets: names, senders, the end. */
#include "check.h"
#include "fixtures.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

static struct bp_listen_local_options at(const char *path) {
  return (struct bp_listen_local_options){.path = path,
                                          .path_length = strlen(path),
                                          .backlog = 1,
                                          .mode = 0600,
                                          .delete_on_close = true};
}

static struct bp_socket *datagrams_at(const char *path) {
  const struct bp_listen_local_options own = at(path);
  struct bp_socket *socket = NULL;
  CHECK_OK(bp_open_local_datagram(&own, NULL, 0, &socket));
  return socket;
}

static struct bp_socket *datagrams_to(const char *path) {
  struct bp_socket *socket = NULL;
  CHECK_OK(bp_open_local_datagram(NULL, path, strlen(path), &socket));
  return socket;
}

static void packet_pair(struct bp_socket *out[2]) {
  const char *path = path_in_directory("packets");
  const struct bp_listen_local_options options = at(path);
  struct bp_socket *server = NULL;
  const int error = bp_listen_local_packets(&options, &server);
  if (error == -EPROTONOSUPPORT || error == -EPROTOTYPE) {
    check_skip("there are no local packets here");
  }
  CHECK_OK(error);
  CHECK_OK(bp_connect_local_packets(path, strlen(path), &out[0]));
  out[1] = accept_one(server);
  CHECK_INT(bp_socket_kind(out[1]), BP_KIND_LOCAL_PACKET_STREAM);
  bp_socket_close(server);
}

static int receive(struct bp_socket *socket, struct bp_message *message) {
  static char bytes[16];
  *message = (struct bp_message){.bytes = bytes, .capacity_bytes = sizeof bytes};
  return bp_socket_receive(socket, message, 1);
}

static void a_datagram_tells_whom_it_is_from(void) {
  struct bp_message message;
  directory_make();
  struct bp_socket *receiver = datagrams_at(path_in_directory("receiver"));
  struct bp_socket *named = datagrams_at(path_in_directory("named"));
  struct bp_socket *nameless = datagrams_to(path_in_directory("receiver"));
  struct bp_endpoint to = {.path_length = 0};
  size_t length = 0;
  const char *path = bp_socket_path(receiver, &length);
  memcpy(to.path, path, length);
  to.path_length = length;
  CHECK_INT(receive(receiver, &message), 0);
  CHECK_INT(send_message(named, "named", 5, &to), 1);
  CHECK_INT(receive(receiver, &message), 1);
  path = bp_socket_path(named, &length);
  CHECK_INT(message.from.path_length, length);
  CHECK_INT(memcmp(message.from.path, path, length), 0);
  CHECK_INT(send_message(nameless, "", 0, NULL), 1);
  CHECK_INT(receive(receiver, &message), 1);
  CHECK_INT(message.length, 0);
  CHECK_INT(message.from.path_length, 0);
  bp_socket_close(receiver);
  CHECK_INT(send_message(nameless, "x", 1, NULL), -ECONNREFUSED);
  bp_socket_close(named);
  bp_socket_close(nameless);
  directory_remove();
}

static void a_file_that_nobody_has_bound_is_stale(void) {
  struct stat file;
  struct bp_socket *socket = NULL;
  directory_make();
  const char *path = path_in_directory("socket");
  struct bp_listen_local_options own = at(path);
  own.delete_on_close = false;
  CHECK_OK(bp_open_local_datagram(&own, NULL, 0, &socket));
  bp_socket_close(socket);
  CHECK_INT(bp_open_local_datagram(&own, NULL, 0, &socket), BP_STALE);
  own.replace_stale = true;
  CHECK_OK(bp_open_local_datagram(&own, NULL, 0, &socket));
  struct bp_socket *second = NULL;
  CHECK_INT(bp_open_local_datagram(&own, NULL, 0, &second), -EADDRINUSE);
  CHECK_INT(lstat(path, &file), 0);
  CHECK_INT(file.st_mode & 0777, 0600);
  bp_socket_close(socket);
  directory_remove();
}

static void a_full_receiver_holds_the_sender_back(void) {
  struct bp_message message;
  directory_make();
  struct bp_socket *receiver = datagrams_at(path_in_directory("receiver"));
  struct bp_socket *sender = datagrams_to(path_in_directory("receiver"));
  int sent = 0;
  while (send_message(sender, "x", 1, NULL) == 1) {
    sent++;
  }
  CHECK_AT_LEAST(sent, 1);
  CHECK_INT(receive(receiver, &message), 1);
  int received = 1;
  while (receive(receiver, &message) == 1) {
    received++;
  }
  CHECK_INT(received, sent);
  CHECK_INT(await(sender, BP_EVENT_READY_TO_WRITE), BP_EVENT_READY_TO_WRITE);
  CHECK_INT(send_message(sender, "x", 1, NULL), 1);
  bp_socket_close(sender);
  bp_socket_close(receiver);
  directory_remove();
}

static void packets_come_whole_and_before_the_end(void) {
  struct bp_message message;
  struct bp_socket *pair[2];
  directory_make();
  packet_pair(pair);
  CHECK_INT(receive(pair[1], &message), 0);
  CHECK_INT(send_message(pair[0], "0123456789abcdefXYZ", 19, NULL), 1);
  CHECK_INT(send_message(pair[0], "last", 4, NULL), 1);
  bp_socket_close(pair[0]);
  CHECK_INT(await(pair[1], BP_EVENT_DATA_AVAILABLE), BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(receive(pair[1], &message), 1);
  CHECK(message.is_cut);
  CHECK_INT(message.length, 16);
  CHECK_INT(receive(pair[1], &message), 1);
  CHECK_INT(message.length, 4);
  CHECK_INT(receive(pair[1], &message), BP_END);
  CHECK_INT(receive(pair[1], &message), BP_END);
  CHECK_INT(bp_socket_holds(pair[1], BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED),
            BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(send_message(pair[1], "x", 1, NULL), -EPIPE);
  bp_socket_close(pair[1]);
  directory_remove();
}

static void many_packets_come_before_the_end(void) {
  enum { COUNT = 5 };
  char bytes[2 * COUNT];
  struct bp_message messages[2 * COUNT];
  struct bp_outgoing outgoing[COUNT];
  struct bp_socket *pair[2];
  directory_make();
  packet_pair(pair);
  for (size_t i = 0; i < COUNT; i++) {
    outgoing[i] = (struct bp_outgoing){.bytes = &"12345"[i], .length = 1};
  }
  for (size_t i = 0; i < 2 * COUNT; i++) {
    messages[i] = (struct bp_message){.bytes = &bytes[i], .capacity_bytes = 1};
  }
  CHECK_INT(bp_socket_send(pair[0], outgoing, COUNT), COUNT);
  bp_socket_close(pair[0]);
  CHECK_INT(bp_socket_receive(pair[1], messages, 2 * COUNT), COUNT);
  CHECK_INT(memcmp(bytes, "12345", COUNT), 0);
  CHECK_INT(bp_socket_receive(pair[1], messages, 2 * COUNT), BP_END);
  CHECK_INT(bp_socket_send(pair[1], outgoing, COUNT), -EPIPE);
  bp_socket_close(pair[1]);
  directory_remove();
}

static void as_many_datagrams_are_sent_as_there_is_room_for(void) {
  enum { COUNT = 4096 };
  static struct bp_outgoing outgoing[COUNT];
  struct bp_message message;
  directory_make();
  struct bp_socket *receiver = datagrams_at(path_in_directory("receiver"));
  struct bp_socket *sender = datagrams_to(path_in_directory("receiver"));
  for (size_t i = 0; i < COUNT; i++) {
    outgoing[i] = (struct bp_outgoing){.bytes = "x", .length = 1};
  }
  const int sent = bp_socket_send(sender, outgoing, COUNT);
  CHECK_AT_LEAST(sent, 1);
  CHECK(sent < COUNT);
  CHECK_INT(bp_socket_send(sender, outgoing, COUNT), 0);
  for (int i = 0; i < sent; i++) {
    CHECK_INT(receive(receiver, &message), 1);
  }
  CHECK_INT(receive(receiver, &message), 0);
  bp_socket_close(sender);
  bp_socket_close(receiver);
  directory_remove();
}

static void an_empty_packet_is_no_end(void) {
#ifdef SO_PASSCRED
  struct bp_message message;
  struct bp_socket *pair[2];
  directory_make();
  packet_pair(pair);
  CHECK_INT(send_message(pair[0], "", 0, NULL), 1);
  CHECK_INT(bp_socket_shutdown(pair[0]), 0);
  CHECK_INT(await(pair[1], BP_EVENT_DATA_AVAILABLE), BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(receive(pair[1], &message), 1);
  CHECK_INT(message.length, 0);
  CHECK_INT(bp_socket_holds(pair[1], BP_EVENT_DATA_AVAILABLE), 0);
  CHECK_INT(receive(pair[1], &message), BP_END);
  close_pair(pair);
  directory_remove();
#else
  check_skip("the system does not tell them apart");
#endif
}

static void a_packet_that_is_too_long_leaves_the_connection_as_it_is(void) {
  static char bytes[16 * 1024 * 1024];
  struct bp_message message;
  struct bp_socket *pair[2];
  directory_make();
  packet_pair(pair);
  CHECK_INT(send_message(pair[0], bytes, sizeof bytes, NULL), -EMSGSIZE);
  CHECK_INT(send_message(pair[0], "fits", 4, NULL), 1);
  CHECK_INT(receive(pair[1], &message), 1);
  close_pair(pair);
  directory_remove();
}

static void the_end_of_packets_is_reported_without_a_spin(const char *backend) {
  struct bp_message message;
  struct bp_occurrence ready;
  struct bp_poller *poller = NULL;
  struct bp_socket *pair[2];
  directory_make();
  packet_pair(pair);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, pair[1],
                             BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED, 1));
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, &ready, 1), 0);
  bp_socket_close(pair[0]);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, &ready, 1), 1);
  CHECK_INT(ready.events, BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(receive(pair[1], &message), BP_END);
  CHECK_OK(bp_poller_monitor(poller, pair[1], BP_EVENT_DATA_AVAILABLE, 1));
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(MOMENT_MS), NULL, &ready, 1), 0);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), MOMENT_MS / 2);
  bp_poller_close(poller);
  bp_socket_close(pair[1]);
  directory_remove();
}

static const struct check_case cases[] = {
    CASE(a_datagram_tells_whom_it_is_from),
    CASE(a_file_that_nobody_has_bound_is_stale),
    CASE(a_full_receiver_holds_the_sender_back),
    CASE(packets_come_whole_and_before_the_end),
    CASE(many_packets_come_before_the_end),
    CASE(as_many_datagrams_are_sent_as_there_is_room_for),
    CASE(an_empty_packet_is_no_end),
    CASE(a_packet_that_is_too_long_leaves_the_connection_as_it_is),
    CASE_ON_BACKENDS(the_end_of_packets_is_reported_without_a_spin),
};

CHECK_MAIN(cases)
