/* Reading and writing with a deadline. */
#include "check.h"
#include "fixtures.h"

#include <errno.h>
#include <string.h>

static void *write_later(void *socket) {
  pause_ms(20);
  CHECK_INT(bp_socket_write(socket, "later", 5), 5);
  return NULL;
}

static void reading_waits_for_bytes(void) {
  struct bp_socket *pair[2];
  char bytes[8];
  local_pair(pair);
  for (int round = 0; round < 3; round++) { /* the later ones know that it was drained */
    const pthread_t thread = thread_start(write_later, pair[0]);
    CHECK_INT(bp_socket_read_wait(pair[1], bytes, sizeof bytes, BP_FOREVER, NULL), 5);
    CHECK_INT(memcmp(bytes, "later", 5), 0);
    thread_join(thread);
  }
  close_pair(pair);
}

static void reading_takes_what_is_there(void) {
  struct bp_socket *pair[2];
  char bytes[8];
  local_pair(pair);
  CHECK_INT(bp_socket_write(pair[0], "abcdef", 6), 6);
  CHECK_INT(bp_socket_read_wait(pair[1], bytes, 4, BP_FOREVER, NULL), 4);
  CHECK_INT(bp_socket_read_wait(pair[1], bytes, 4, BP_FOREVER, NULL), 2);
  CHECK_INT(bp_socket_read_wait(pair[1], bytes, 0, BP_FOREVER, NULL), 0);
  CHECK_INT(bp_socket_read_wait(pair[1], bytes, 4, BP_AT_ONCE, NULL), 0);
  CHECK_INT(bp_socket_write(pair[0], "g", 1), 1);
  CHECK_INT(bp_socket_read_wait(pair[1], bytes, 4, BP_AT_ONCE, NULL), 1);
  close_pair(pair);
}

static void the_deadline_ends_reading(void) {
  struct bp_socket *pair[2];
  char byte = 0;
  local_pair(pair);
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_socket_read_wait(pair[0], &byte, 1, bp_deadline_after(MOMENT_MS), &by_cut_calls), 0);
  CHECK_AT_LEAST(stopwatch_ms(&watch), MOMENT_MS);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), MOMENT_MS / 2);
  close_pair(pair);
}

static void the_end_is_not_waited_for(void) {
  struct bp_socket *pair[2];
  char bytes[8];
  tcp_pair(pair);
  CHECK_INT(bp_socket_write(pair[0], "x", 1), 1);
  bp_socket_close(pair[0]);
  CHECK_INT(bp_socket_read_wait(pair[1], bytes, sizeof bytes, BP_FOREVER, NULL), 1);
  CHECK_INT(bp_socket_read_wait(pair[1], bytes, sizeof bytes, BP_FOREVER, NULL), BP_END);
  CHECK_INT(bp_socket_read_wait(pair[1], bytes, sizeof bytes, BP_FOREVER, NULL), BP_END);
  bp_socket_close(pair[1]);
}

static void a_reset_is_told(void) {
  struct bp_socket *pair[2];
  char byte = 0;
  tcp_pair(pair);
  close_with_reset(pair[0]);
  CHECK_INT(bp_socket_read_wait(pair[1], &byte, 1, BP_FOREVER, NULL), -ECONNRESET);
  CHECK_INT(bp_socket_read_wait(pair[1], &byte, 1, BP_FOREVER, NULL), -ECONNRESET);
  bp_socket_close(pair[1]);
}

/* While a reset is kept from a look ahead, and the last read had drained it. */
static void a_reset_that_was_seen_before_is_told(void) {
  struct bp_socket *pair[2];
  char bytes[8];
  tcp_pair(pair);
  write_all(pair[0], "x", 1);
  CHECK_INT(bp_socket_read_wait(pair[1], bytes, sizeof bytes, BP_FOREVER, NULL), 1);
  close_with_reset(pair[0]);
  CHECK_INT(await(pair[1], BP_EVENT_REMOTE_DISCONNECTED | BP_EVENT_DATA_AVAILABLE),
            BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(bp_socket_read_wait(pair[1], bytes, sizeof bytes, bp_deadline_after(PATIENCE_MS), NULL),
            -ECONNRESET);
  bp_socket_close(pair[1]);
}

struct reader {
  struct bp_socket *socket;
  size_t length;
};

static void *read_later(void *argument) {
  const struct reader *reader = argument;
  pause_ms(20);
  read_pattern(reader->socket, 0, reader->length);
  return NULL;
}

static void writing_waits_for_room(void) {
  struct bp_socket *pair[2];
  local_pair(pair);
  struct reader reader = {.socket = pair[1], .length = fill(pair[0])};
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_socket_write_wait(pair[0], "x", 1, bp_deadline_after(MOMENT_MS), NULL), 0);
  CHECK_AT_LEAST(stopwatch_ms(&watch), MOMENT_MS);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), MOMENT_MS / 2);
  CHECK_INT(bp_socket_write_wait(pair[0], "x", 1, BP_AT_ONCE, NULL), 0);
  CHECK_INT(bp_socket_write_wait(pair[0], "", 0, BP_FOREVER, NULL), 0);
  const pthread_t thread = thread_start(read_later, &reader);
  CHECK_INT(bp_socket_write_wait(pair[0], "x", 1, BP_FOREVER, NULL), 1);
  thread_join(thread);
  close_pair(pair);
}

static void *close_later(void *socket) {
  pause_ms(20);
  bp_socket_close(socket);
  return NULL;
}

static void writing_to_a_peer_that_goes_fails(void) {
  struct bp_socket *pair[2];
  local_pair(pair);
  fill(pair[0]);
  const pthread_t thread = thread_start(close_later, pair[1]);
  const int64_t taken = bp_socket_write_wait(pair[0], "x", 1, BP_FOREVER, NULL);
  thread_join(thread);
  /* A local peer that leaves bytes unread resets; which the system tells first is its own. */
  CHECK(taken == -EPIPE || taken == -ECONNRESET);
  bp_socket_close(pair[0]);
}

static void a_signal_ends_them_if_it_may(void) {
  struct bp_socket *pair[2];
  char byte = 0;
  local_pair(pair);
  fill(pair[0]);
  ticking_start(10);
  CHECK_INT(bp_socket_read_wait(pair[0], &byte, 1, BP_FOREVER, &by_cut_calls), -EINTR);
  CHECK_INT(bp_socket_write_wait(pair[0], "x", 1, BP_FOREVER, &by_cut_calls), -EINTR);
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_socket_read_wait(pair[0], &byte, 1, bp_deadline_after(100), NULL), 0);
  CHECK_INT(bp_socket_write_wait(pair[0], "x", 1, bp_deadline_after(100), NULL), 0);
  CHECK_AT_LEAST(stopwatch_ms(&watch), 200);
  ticking_stop();
  close_pair(pair);
}

static void they_wait_for_the_connection(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *client = tcp_client(server);
  char byte = 0;
  CHECK_INT(bp_socket_write_wait(client, "x", 1, BP_FOREVER, NULL), 1);
  struct bp_socket *accepted = accept_one(server);
  CHECK_INT(bp_socket_read_wait(accepted, &byte, 1, BP_FOREVER, NULL), 1);
  bp_socket_close(accepted);
  bp_socket_close(client);
  bp_socket_close(server);
}

static void they_tell_a_refusal(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_address address;
  struct bp_socket *clients[2];
  char byte = 0;
  CHECK_OK(bp_socket_local_address(server, &address));
  bp_socket_close(server);
  const struct bp_connect_tcp_options options = {.host = address.host, .port = address.port};
  CHECK_OK(bp_connect_tcp(&options, &clients[0]));
  CHECK_OK(bp_connect_tcp(&options, &clients[1]));
  CHECK_INT(bp_socket_read_wait(clients[0], &byte, 1, BP_FOREVER, NULL), -ECONNREFUSED);
  CHECK_INT(bp_socket_write_wait(clients[1], &byte, 1, BP_FOREVER, NULL), -ECONNREFUSED);
  close_pair(clients);
}

#define VOLUME ((size_t)8 << 20)

static void *write_volume(void *socket) {
  unsigned char bytes[10007];
  for (size_t offset = 0; offset < VOLUME; offset += sizeof bytes) {
    for (size_t i = 0; i < sizeof bytes; i++) {
      bytes[i] = (unsigned char)((offset + i) % 251);
    }
    const size_t left = VOLUME - offset;
    write_all(socket, bytes, left < sizeof bytes ? left : sizeof bytes);
  }
  return NULL;
}

static void a_flood_arrives_in_order(void) {
  struct bp_socket *pair[2];
  tcp_pair(pair);
  const pthread_t thread = thread_start(write_volume, pair[0]);
  read_pattern(pair[1], 0, VOLUME);
  thread_join(thread);
  close_pair(pair);
}

static const struct check_case cases[] = {
    CASE(reading_waits_for_bytes),
    CASE(reading_takes_what_is_there),
    CASE(the_deadline_ends_reading),
    CASE(the_end_is_not_waited_for),
    CASE(a_reset_is_told),
    CASE(a_reset_that_was_seen_before_is_told),
    CASE(writing_waits_for_room),
    CASE(writing_to_a_peer_that_goes_fails),
    CASE(a_signal_ends_them_if_it_may),
    CASE(they_wait_for_the_connection),
    CASE(they_tell_a_refusal),
    CASE(a_flood_arrives_in_order),
};
CHECK_MAIN(cases)
