/* A pump, reading: what is wanted is done for all that are ready, and nothing else. */
#include "check.h"
#include "fixtures.h"
#include "fixtures_pump.h"

#include <errno.h>
#include <string.h>

static void bytes_come_with_their_tags(const char *backend) {
  struct bp_socket *one[2];
  struct bp_socket *other[2];
  pump_open_on(backend);
  local_pair(one);
  local_pair(other);
  want(one[0], BP_WANT_BYTES, 11);
  want(other[0], BP_WANT_BYTES, 22);
  check_quiet();
  write_all(one[1], "one", 3);
  write_all(other[1], "other", 5);
  unsigned seen = 0;
  while (seen != 3) {
    const int count = drain_some();
    /* Of pipes another thread tells the backend, one by one. */
    CHECK_AT_LEAST(count, local_streams_are_sockets ? 2 : 1);
    for (int i = 0; i < count; i++) {
      const bool is_one = records[i].tag == 11;
      check_record(i, is_one ? 11 : 22, BP_RECORD_BYTES, is_one ? 3 : 5);
      CHECK_INT(memcmp(bytes + records[i].offset, is_one ? "one" : "other", is_one ? 3 : 5), 0);
      seen |= is_one ? 1U : 2U;
    }
  }
  check_quiet();
  close_pair(one);
  close_pair(other);
  pump_close();
}

static void what_nobody_wants_is_not_read(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  local_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  want(pair[0], 0, 1);
  want(pair[0], 0, 1); /* which is so already */
  write_all(pair[1], "kept", 4);
  check_quiet();
  want(pair[0], BP_WANT_BYTES, 2);
  CHECK_INT(drain_some(), 1);
  check_record(0, 2, BP_RECORD_BYTES, 4);
  close_pair(pair);
  pump_close();
}

static void the_end_comes_once_behind_all_bytes(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  half_closing_pair(pair);
  write_all(pair[1], "last", 4);
  CHECK_OK(bp_socket_shutdown(pair[1]));
  want(pair[0], BP_WANT_BYTES, 3);
  int count = drain_some();
  check_record(0, 3, BP_RECORD_BYTES, 4);
  if (count == 1) {
    count += drain_some();
    check_record(0, 3, BP_RECORD_END, 0);
  } else {
    check_record(1, 3, BP_RECORD_END, 0);
  }
  CHECK_INT(count, 2);
  check_quiet();
  close_pair(pair);
  pump_close();
}

static void a_reset_is_an_end_with_its_reason(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  tcp_pair(pair);
  want(pair[0], BP_WANT_BYTES, 4);
  close_with_reset(pair[1]);
  CHECK_INT(drain_some(), 1);
  check_record(0, 4, BP_RECORD_END, -ECONNRESET);
  check_quiet();
  bp_socket_close(pair[0]);
  pump_close();
}

static void the_outcome_of_connecting_comes_once(const char *backend) {
  pump_open_on(backend);
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *client = tcp_client(server);
  want(client, BP_WANT_OUTCOME, 5);
  CHECK_INT(drain_some(), 1);
  check_record(0, 5, BP_RECORD_OUTCOME, 0);
  check_quiet();
  struct bp_address address;
  CHECK_OK(bp_socket_local_address(server, &address));
  const struct bp_connect_tcp_options options = {.host = address.host, .port = address.port};
  bp_socket_close(server);
  struct bp_socket *refused = NULL;
  CHECK_OK(bp_connect_tcp(&options, &refused));
  want(refused, BP_WANT_OUTCOME, 6);
  CHECK_INT(drain_some(), 1);
  check_record(0, 6, BP_RECORD_OUTCOME, -ECONNREFUSED);
  check_quiet();
  bp_socket_close(client);
  bp_socket_close(refused);
  pump_close();
}

static void a_peer_that_left_is_told_of_without_reading(const char *backend) {
  struct bp_socket *pair[2];
  char rest[8];
  if (!tells_end_behind_bytes(backend)) {
    check_skip("neither poll(2) without POLLRDHUP nor Wine tells an end behind unread bytes");
  }
  pump_open_on(backend);
  half_closing_pair(pair);
  write_all(pair[1], "unread", 6);
  want(pair[0], BP_WANT_PEER_END, 8);
  check_quiet();
  CHECK_OK(bp_socket_shutdown(pair[1]));
  CHECK_INT(drain_some(), 1);
  check_record(0, 8, BP_RECORD_PEER_END, 0);
  check_quiet();
  CHECK_INT(bp_socket_read(pair[0], rest, sizeof rest, false), 6);
  close_pair(pair);
  pump_close();
}

static void a_peer_that_left_nothing_behind_has_ended(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  half_closing_pair(pair);
  want(pair[0], BP_WANT_PEER_END, 8);
  CHECK_OK(bp_socket_shutdown(pair[1]));
  CHECK_INT(drain_some(), 1);
  check_record(0, 8, BP_RECORD_END, 0);
  check_quiet();
  close_pair(pair);
  pump_close();
}

static void an_end_is_told_once_to_who_reads_and_waits_for_it(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  half_closing_pair(pair);
  want(pair[0], BP_WANT_BYTES | BP_WANT_PEER_END, 8);
  CHECK_OK(bp_socket_shutdown(pair[1]));
  CHECK_INT(drain_some(), 1);
  check_record(0, 8, BP_RECORD_END, 0);
  check_quiet();
  close_pair(pair);
  pump_close();
}

static void one_batch_accepts_a_turn_of_connections(const char *backend) {
  enum { CLIENTS = BP_CONNECTIONS_PER_TURN + 10 };
  struct bp_socket *clients[CLIENTS];
  pump_open_on(backend);
  struct bp_socket *server = tcp_server("127.0.0.1");
  for (int i = 0; i < CLIENTS; i++) {
    clients[i] = tcp_client(server);
    await(clients[i], BP_EVENT_DETERMINED);
  }
  want(server, BP_WANT_CONNECTIONS, 9);
  int accepted = 0;
  while (accepted < CLIENTS) {
    const int count = drain_some();
    CHECK_AT_MOST(count, BP_CONNECTIONS_PER_TURN);
    for (int i = 0; i < count; i++) {
      check_record(i, 9, BP_RECORD_CONNECTION, 0);
      bp_socket_close(records[i].socket);
    }
    accepted += count;
  }
  CHECK_INT(accepted, CLIENTS);
  check_quiet();
  for (int i = 0; i < CLIENTS; i++) {
    bp_socket_close(clients[i]);
  }
  bp_socket_close(server);
  pump_close();
}

static void no_socket_takes_more_than_its_share(const char *backend) {
  struct bp_socket *greedy[2];
  struct bp_socket *modest[2];
  pump_open_on(backend);
  local_pair(greedy);
  local_pair(modest);
  const size_t length = fill(greedy[1]);
  CHECK_AT_LEAST(length, BP_BYTES_PER_TURN + 1);
  write_all(modest[1], "x", 1);
  want(greedy[0], BP_WANT_BYTES, 1);
  want(modest[0], BP_WANT_BYTES, 2);
  CHECK_INT(drain(), 2);
  for (int i = 0; i < 2; i++) {
    CHECK_AT_MOST(records[i].value, records[i].tag == 1 ? BP_BYTES_PER_TURN : 1);
  }
  close_pair(greedy);
  close_pair(modest);
  pump_close();
}

/*
 * However many always have something to say: within two rounds of them all it is the turn of
 * whoever has five bytes. Behind what a ring has taken ahead, which is a batch at most.
 */
static void many_busy_sockets_leave_a_turn_to_a_quiet_one(const char *backend) {
  enum { BUSY = 200, QUIET_TAG = BUSY, QUIETLY = 5 };
  static struct bp_socket *busy[BUSY][2];
  struct bp_socket *quiet[2];
  const int taken_ahead = strcmp(backend, "io_uring") == 0 ? RECORDS : 0;
  int turns_of_busy = 0;
  bool is_served = false;
  pump_open_on(backend);
  for (int i = 0; i < BUSY; i++) {
    local_pair(busy[i]);
    (void)fill(busy[i][1]);
    want(busy[i][0], BP_WANT_BYTES, (uint64_t)i);
  }
  for (int i = 0; i < 10; i++) {
    CHECK_AT_LEAST(drain(), 1); /* so that they have an order */
  }
  local_pair(quiet);
  want(quiet[0], BP_WANT_BYTES, QUIET_TAG);
  write_all(quiet[1], "hello", QUIETLY);
  while (!is_served) {
    const int count = drain();
    for (int i = 0; i < count; i++) {
      CHECK_INT(records[i].kind, BP_RECORD_BYTES);
      if (records[i].tag == QUIET_TAG) {
        CHECK_INT(records[i].value, QUIETLY);
        is_served = true;
      } else {
        turns_of_busy++;
        (void)fill(busy[records[i].tag][1]);
      }
    }
    CHECK_AT_MOST(turns_of_busy, taken_ahead + 2 * BUSY);
  }
  for (int i = 0; i < BUSY; i++) {
    close_pair(busy[i]);
  }
  close_pair(quiet);
  pump_close();
}

/* With little room, all of it comes all the same, in order. */
static void a_small_batch_loses_nothing(const char *backend) {
  enum { PAIRS = 40, LENGTH = 10000 };
  struct bp_socket *pairs[PAIRS][2];
  static uint8_t sent[LENGTH];
  size_t received[PAIRS] = {0};
  bool has_ended[PAIRS] = {false};
  int ended = 0;
  for (size_t i = 0; i < LENGTH; i++) {
    sent[i] = (uint8_t)(i * 31 ^ i >> 8);
  }
  pump_open_on(backend);
  for (int i = 0; i < PAIRS; i++) {
    half_closing_pair(pairs[i]);
    want(pairs[i][0], BP_WANT_BYTES, (uint64_t)i);
    write_all(pairs[i][1], sent, LENGTH);
    CHECK_OK(bp_socket_shutdown(pairs[i][1]));
  }
  const struct stopwatch watch = stopwatch_start();
  while (ended < PAIRS) {
    CHECK_AT_MOST(stopwatch_ms(&watch), PATIENCE_MS);
    const int count = drain_into(BP_RECORDS_PER_SOCKET, 5000);
    for (int r = 0; r < count; r++) {
      const size_t i = (size_t)records[r].tag;
      CHECK(!has_ended[i]);
      if (records[r].kind == BP_RECORD_BYTES) {
        const size_t length = (size_t)records[r].value;
        CHECK_AT_MOST(received[i] + length, LENGTH);
        CHECK_INT(memcmp(bytes + records[r].offset, sent + received[i], length), 0);
        received[i] += length;
      } else {
        check_record(r, i, BP_RECORD_END, 0);
        CHECK_INT(received[i], LENGTH);
        has_ended[i] = true;
        ended++;
      }
    }
  }
  for (int i = 0; i < PAIRS; i++) {
    close_pair(pairs[i]);
  }
  pump_close();
}

static void a_closed_socket_is_not_told_of(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_socket *next[2];
  pump_open_on(backend);
  local_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  write_all(pair[1], "x", 1);
  bp_socket_close(pair[0]);
  local_pair(next); /* whose descriptor may be the same */
  write_all(next[1], "y", 1);
  check_quiet();
  want(next[0], BP_WANT_BYTES, 2);
  CHECK_INT(drain_some(), 1);
  check_record(0, 2, BP_RECORD_BYTES, 1);
  bp_socket_close(pair[1]);
  close_pair(next);
  pump_close();
}

static const struct check_case cases[] = {
    CASE_ON_PUMPS(bytes_come_with_their_tags),
    CASE_ON_PUMPS(what_nobody_wants_is_not_read),
    CASE_ON_PUMPS(the_end_comes_once_behind_all_bytes),
    CASE_ON_PUMPS(a_reset_is_an_end_with_its_reason),
    CASE_ON_PUMPS(the_outcome_of_connecting_comes_once),
    CASE_ON_PUMPS(a_peer_that_left_nothing_behind_has_ended),
    CASE_ON_PUMPS(a_peer_that_left_is_told_of_without_reading),
    CASE_ON_PUMPS(an_end_is_told_once_to_who_reads_and_waits_for_it),
    CASE_ON_PUMPS(one_batch_accepts_a_turn_of_connections),
    CASE_ON_PUMPS(no_socket_takes_more_than_its_share),
    CASE_ON_PUMPS(many_busy_sockets_leave_a_turn_to_a_quiet_one),
    CASE_ON_PUMPS(a_small_batch_loses_nothing),
    CASE_ON_PUMPS(a_closed_socket_is_not_told_of),
};
CHECK_MAIN(cases)
