/* A pump whose reader is held: what was taken from the system comes later, or is there for reads.
 */
#include "check.h"
#include "fixtures.h"
#include "fixtures_pump.h"

#include <errno.h>
#include <string.h>

#define LITTLE_ROOM 10

/* So many bytes of the running pattern arrive, offset bytes into it. */
static void write_pattern(struct bp_socket *socket, size_t offset, size_t length) {
  static uint8_t chunk[1 << 16];
  put_pattern(chunk, offset, length);
  write_all(socket, chunk, length);
}

static void check_bytes(const uint8_t *got, size_t offset, size_t length) {
  static uint8_t expected[ROOM];
  put_pattern(expected, offset, length);
  CHECK_INT(memcmp(got, expected, length), 0);
}

/* Checks the bytes of the last batch, which begin offset bytes into the pattern. Returns how many.
 */
static size_t told_bytes(int count, size_t offset) {
  size_t length = 0;
  for (int i = 0; i < count; i++) {
    CHECK_INT(records[i].kind, BP_RECORD_BYTES);
    check_bytes(bytes + records[i].offset, offset + length, (size_t)records[i].value);
    length += (size_t)records[i].value;
  }
  return length;
}

static void what_was_not_told_is_read_by_who_holds(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  local_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  check_quiet();
  write_pattern(pair[1], 0, 1000);
  const size_t told = told_bytes(drain_into(BP_RECORDS_PER_SOCKET, LITTLE_ROOM), 0);
  want(pair[0], 0, 1);
  write_pattern(pair[1], 1000, 1000);
  read_pattern(pair[0], told, 2000 - told);
  check_quiet();
  close_pair(pair);
  pump_close();
}

static void what_was_not_told_comes_before_what_comes_later(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  local_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  check_quiet();
  write_pattern(pair[1], 0, 1000);
  size_t told = told_bytes(drain_into(BP_RECORDS_PER_SOCKET, LITTLE_ROOM), 0);
  want(pair[0], 0, 1);
  write_pattern(pair[1], 1000, 1000);
  check_quiet();
  want(pair[0], BP_WANT_BYTES, 1);
  while (told < 2000) {
    told += told_bytes(drain_some(), told);
  }
  check_quiet();
  close_pair(pair);
  pump_close();
}

static void what_was_not_told_is_data_to_a_poller(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_occurrence found;
  struct bp_poller *poller = NULL;
  uint8_t got[100];
  pump_open_on(backend);
  local_pair(pair);
  CHECK_OK(bp_poller_open(NULL, &poller));
  want(pair[0], BP_WANT_BYTES, 1);
  check_quiet();
  write_pattern(pair[1], 0, sizeof got);
  const size_t told = told_bytes(drain_into(BP_RECORDS_PER_SOCKET, LITTLE_ROOM), 0);
  want(pair[0], 0, 1);
  CHECK_OK(bp_poller_monitor(poller, pair[0], BP_EVENT_DATA_AVAILABLE, 7));
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, &found, 1), 1);
  CHECK_INT(bp_socket_read(pair[0], got, sizeof got, true), sizeof got - told);
  read_pattern(pair[0], told, sizeof got - told);
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, &found, 1), 0);
  bp_poller_close(poller);
  close_pair(pair);
  pump_close();
}

static void what_was_not_told_outlasts_the_pump(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  local_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  check_quiet();
  write_pattern(pair[1], 0, 1000);
  const size_t told = told_bytes(drain_into(BP_RECORDS_PER_SOCKET, LITTLE_ROOM), 0);
  pump_close();
  read_pattern(pair[0], told, 1000 - told);
  close_pair(pair);
}

/* Random holds, reads between them, and batches of random size: each byte comes once, in order. */
static void no_byte_is_lost_or_doubled_by_holding(const char *backend) {
  enum { ROUNDS = 20000, MOST = 3000 };
  struct bp_socket *pair[2];
  uint8_t got[MOST];
  size_t sent = 0;
  size_t received = 0;
  uint32_t state = 12345;
  bool is_wanted = false;
  pump_open_on(backend);
  local_pair(pair);
  for (int round = 0; round < ROUNDS; round++) {
    state = state * 1664525 + 1013904223;
    const uint32_t dice = state >> 16;
    const size_t length = 1 + dice % MOST;
    switch (dice % 5) {
    case 0:
      is_wanted = !is_wanted;
      want(pair[0], is_wanted ? BP_WANT_BYTES : 0, 1);
      break;
    case 1:
      if (sent - received < 50000) {
        write_pattern(pair[1], sent, length);
        sent += length;
      }
      break;
    case 2:
      if (!is_wanted) {
        const int64_t count = bp_socket_read(pair[0], got, length, false);
        CHECK_AT_LEAST(count, 0);
        check_bytes(got, received, (size_t)count);
        received += (size_t)count;
      }
      break;
    default: {
      const size_t before = received;
      received += told_bytes(drain_into(BP_RECORDS_PER_SOCKET, length), received);
      CHECK(is_wanted || received == before);
    }
    }
  }
  want(pair[0], BP_WANT_BYTES, 1);
  while (received < sent) {
    received += told_bytes(drain_some(), received);
  }
  check_quiet();
  close_pair(pair);
  pump_close();
}

/* The reader is slow, so the kernel holds the sender back: no more is taken than a few turns bring.
 */
static void a_flood_comes_in_order_and_waits_for_its_reader(const char *backend) {
  enum { FLOOD = 8 << 20, SLACK = 1 << 20 };
  struct bp_socket *pair[2];
  size_t sent = 0;
  size_t received = 0;
  static uint8_t chunk[1 << 16];
  pump_open_on(backend);
  local_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  while (received < FLOOD) {
    put_pattern(chunk, sent, sizeof chunk);
    const size_t left = FLOOD - sent;
    const int64_t taken =
        bp_socket_write(pair[1], chunk, left < sizeof chunk ? left : sizeof chunk);
    CHECK_AT_LEAST(taken, 0);
    sent += (size_t)taken;
    CHECK_AT_MOST(sent - received, SLACK);
    received += told_bytes(drain_into(BP_RECORDS_PER_SOCKET, 1 << 12), received);
  }
  check_quiet();
  close_pair(pair);
  pump_close();
}

/* The kernel may still receive for the reader that has left, and finds no more than an end. */
static void a_failure_that_a_read_took_between_is_told_as_such(const char *backend) {
  struct bp_socket *pair[2];
  uint8_t got = 0;
  pump_open_on(backend);
  tcp_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  check_quiet();
  want(pair[0], 0, 1);
  close_with_reset(pair[1]);
  CHECK_INT(bp_socket_read_wait(pair[0], &got, 1, BP_FOREVER, NULL), -ECONNRESET);
  want(pair[0], BP_WANT_BYTES, 1);
  CHECK_INT(drain_some(), 1);
  check_record(0, 1, BP_RECORD_END, -ECONNRESET);
  check_quiet();
  bp_socket_close(pair[0]);
  pump_close();
}

/* ---- Closing ---- */

static void a_peer_sees_the_close_of_a_socket_at_once(const char *backend) {
  struct bp_socket *pair[2];
  uint8_t got = 0;
  pump_open_on(backend);
  local_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  check_quiet();
  bp_socket_close(pair[0]);
  CHECK_INT(bp_socket_read_wait(pair[1], &got, 1, BP_FOREVER, NULL), BP_END);
  bp_socket_close(pair[1]);
  pump_close();
}

static void a_socket_is_closed_while_its_send_waits_for_room(const char *backend) {
  struct bp_socket *pair[2];
  uint8_t got = 0;
  pump_open_on(backend);
  local_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  const size_t filled = fill(pair[0]);
  send_pattern(pair[0], filled, 1000, 1);
  CHECK_INT(flush_out(), 0);
  bp_socket_close(pair[0]);
  read_pattern(pair[1], 0, filled);
  CHECK_INT(bp_socket_read_wait(pair[1], &got, 1, BP_FOREVER, NULL), BP_END);
  check_quiet();
  bp_socket_close(pair[1]);
  pump_close();
}

static void a_close_leaves_the_news_of_others_to_the_loop(const char *backend) {
  struct bp_socket *reading[2];
  struct bp_socket *full[2];
  pump_open_on(backend);
  local_pair(reading);
  local_pair(full);
  want(reading[0], BP_WANT_BYTES, 1);
  const size_t filled = fill(full[0]);
  send_pattern(full[0], filled, 1000, 2);
  check_quiet();
  write_all(reading[1], "news", 4);
  close_pair(full);
  CHECK_INT(drain_when_called(), 1);
  check_record(0, 1, BP_RECORD_BYTES, 4);
  close_pair(reading);
  pump_close();
}

static void bytes_are_recalled_before_a_socket_is_given_away(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  local_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  check_quiet();
  write_pattern(pair[1], 0, 1000);
  size_t told = told_bytes(drain_into(BP_RECORDS_PER_SOCKET, LITTLE_ROOM), 0);
  if (bp_socket_recall(pair[0])) {
    CHECK_INT(bp_socket_detach(pair[0]), -EBUSY);
  }
  while (told < 1000) {
    told += told_bytes(drain_some(), told);
  }
  CHECK(!bp_socket_recall(pair[0]));
  write_pattern(pair[1], 1000, 1000);
  while (told < 2000) {
    told += told_bytes(drain_some(), told);
  }
  close_pair(pair);
  pump_close();
}

static void sockets_that_come_and_go_within_a_batch_get_nothing_of_each_other(const char *backend) {
  enum { ROUNDS = 500 };
  struct bp_socket *pair[2];
  pump_open_on(backend);
  for (uint64_t round = 0; round < ROUNDS; round++) {
    local_pair(pair);
    want(pair[0], BP_WANT_BYTES, round);
    send_text(pair[0], "out", round);
    write_all(pair[1], "in", 2);
    const int count = drain();
    for (int i = 0; i < count; i++) {
      CHECK_INT(records[i].tag, round);
    }
    write_all(pair[1], "late", 4);
    close_pair(pair);
  }
  check_quiet();
  pump_close();
}

static const struct check_case cases[] = {
    CASE_ON_PUMPS(what_was_not_told_is_read_by_who_holds),
    CASE_ON_PUMPS(what_was_not_told_comes_before_what_comes_later),
    CASE_ON_PUMPS(what_was_not_told_is_data_to_a_poller),
    CASE_ON_PUMPS(what_was_not_told_outlasts_the_pump),
    CASE_ON_PUMPS(no_byte_is_lost_or_doubled_by_holding),
    CASE_ON_PUMPS(a_flood_comes_in_order_and_waits_for_its_reader),
    CASE_ON_PUMPS(a_failure_that_a_read_took_between_is_told_as_such),
    CASE_ON_PUMPS(a_peer_sees_the_close_of_a_socket_at_once),
    CASE_ON_PUMPS(a_socket_is_closed_while_its_send_waits_for_room),
    CASE_ON_PUMPS(a_close_leaves_the_news_of_others_to_the_loop),
    CASE_ON_PUMPS(bytes_are_recalled_before_a_socket_is_given_away),
    CASE_ON_PUMPS(sockets_that_come_and_go_within_a_batch_get_nothing_of_each_other),
};
CHECK_MAIN(cases)
