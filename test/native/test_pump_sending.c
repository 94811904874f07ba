/* A pump, writing: all that is sent arrives once and in order, and is told of. */
#include "check.h"
#include "fixtures.h"
#include "fixtures_pump.h"

#include <errno.h>
#include <string.h>

#define MUCH ((size_t)4 << 20)

/* The bytes told as sent by the last batch; other records of that tag fail the case. */
static size_t sent_by(int count, uint64_t tag) {
  size_t sent = 0;
  for (int i = 0; i < count; i++) {
    CHECK_INT(records[i].tag, tag);
    CHECK_INT(records[i].kind, BP_RECORD_SENT);
    CHECK_AT_LEAST(records[i].value, 1);
    sent += (size_t)records[i].value;
  }
  return sent;
}

static void what_is_sent_goes_out_at_the_flush(const char *backend) {
  struct bp_socket *pair[2];
  char got[10];
  pump_open_on(backend);
  local_pair(pair);
  send_text(pair[0], "hello", 1);
  CHECK(!bp_socket_holds(pair[1], BP_EVENT_DATA_AVAILABLE));
  send_text(pair[0], "world", 1);
  CHECK_INT(sent_by(flush_out(), 1), 10);
  read_all(pair[1], got, sizeof got);
  CHECK_INT(memcmp(got, "helloworld", sizeof got), 0);
  CHECK_INT(flush_out(), 0);
  check_quiet();
  close_pair(pair);
  pump_close();
}

static void a_drain_flushes_first(const char *backend) {
  struct bp_socket *pair[2];
  char got[5];
  pump_open_on(backend);
  local_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  send_text(pair[0], "hello", 1);
  CHECK_INT(sent_by(drain(), 1), 5);
  read_all(pair[1], got, sizeof got);
  close_pair(pair);
  pump_close();
}

/* In small pieces, of which one call of the system takes no more than BP_MAX_PIECES. */
static void many_pieces_keep_their_order(const char *backend) {
  enum { PIECES = 3000, LENGTH = 700 };
  struct bp_socket *pair[2];
  size_t sent = 0;
  size_t read = 0;
  pump_open_on(backend);
  tcp_pair(pair);
  for (size_t i = 0; i < PIECES; i++) {
    send_pattern(pair[0], i * LENGTH, LENGTH, 1);
  }
  while (sent < (size_t)PIECES * LENGTH) {
    sent += sent_by(drain(), 1);
    read_pattern(pair[1], read, sent - read);
    read = sent;
  }
  check_quiet();
  CHECK(!bp_socket_holds(pair[1], BP_EVENT_DATA_AVAILABLE));
  close_pair(pair);
  pump_close();
}

static void a_slow_reader_gets_all_of_it(const char *backend) {
  struct bp_socket *pair[2];
  size_t sent = 0;
  size_t read = 0;
  pump_open_on(backend);
  tcp_pair(pair);
  send_pattern(pair[0], 0, MUCH, 1);
  while (read < MUCH) {
    sent += sent_by(drain(), 1);
    CHECK_AT_MOST(sent, MUCH);
    if (bp_socket_holds(pair[1], BP_EVENT_DATA_AVAILABLE)) {
      const size_t length = MUCH - read < 10007 ? MUCH - read : 10007;
      read_pattern(pair[1], read, length);
      read += length;
    }
  }
  CHECK_INT(sent, MUCH);
  check_quiet();
  CHECK(!bp_socket_holds(pair[1], BP_EVENT_DATA_AVAILABLE));
  close_pair(pair);
  pump_close();
}

static void what_is_sent_behind_a_full_buffer_waits_its_turn(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  local_pair(pair);
  const size_t filled = fill(pair[0]);
  send_pattern(pair[0], filled, 1000, 1);
  CHECK_INT(flush_out(), 0);
  send_pattern(pair[0], filled + 1000, 1000, 1);
  check_quiet();
  read_pattern(pair[1], 0, filled);
  size_t sent = 0;
  while (sent < 2000) {
    sent += sent_by(drain_some(), 1);
  }
  CHECK_INT(sent, 2000);
  read_pattern(pair[1], filled, 2000);
  check_quiet();
  close_pair(pair);
  pump_close();
}

static void what_is_wanted_and_what_is_sent_do_not_disturb_each_other(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  local_pair(pair);
  const size_t filled = fill(pair[0]);
  want(pair[0], BP_WANT_BYTES, 1);
  send_pattern(pair[0], filled, 1000, 1);
  CHECK_INT(flush_out(), 0);
  want(pair[0], 0, 1); /* the outbox is still to be emptied */
  write_all(pair[1], "unwanted", 8);
  check_quiet();
  read_pattern(pair[1], 0, filled);
  CHECK_INT(sent_by(drain_some(), 1), 1000);
  check_quiet();
  want(pair[0], BP_WANT_BYTES, 2);
  CHECK_INT(drain_some(), 1);
  check_record(0, 2, BP_RECORD_BYTES, 8);
  read_pattern(pair[1], filled, 1000);
  close_pair(pair);
  pump_close();
}

static void large_bytes_go_at_once_if_nothing_waits(const char *backend) {
  static uint8_t large[1 << 16];
  struct bp_socket *pair[2];
  if (!local_streams_are_sockets) {
    check_skip("what a pipe takes is its own until the peer has read it");
  }
  pump_open_on(backend);
  local_pair(pair);
  put_pattern(large, 0, sizeof large);
  CHECK_INT(send_at_once(pair[0], large, sizeof large, 1), sizeof large);
  CHECK_INT(flush_out(), 0);
  read_pattern(pair[1], 0, sizeof large);
  send_pattern(pair[0], 0, 1000, 1);
  put_pattern(large, 1000, sizeof large);
  CHECK_INT(send_at_once(pair[0], large, sizeof large, 1), 0);
  CHECK_INT(sent_by(flush_out(), 1), 1000 + sizeof large);
  read_pattern(pair[1], 0, 1000 + sizeof large);
  check_quiet();
  close_pair(pair);
  pump_close();
}

static void what_does_not_go_at_once_follows(const char *backend) {
  struct bp_socket *pair[2];
  static uint8_t much[MUCH];
  pump_open_on(backend);
  tcp_pair(pair);
  put_pattern(much, 0, MUCH);
  const int64_t taken = send_at_once(pair[0], much, MUCH, 1);
  CHECK_AT_LEAST(taken, 1);
  CHECK_AT_MOST(taken, MUCH - 1);
  memset(much, 0xFF, MUCH);
  size_t sent = (size_t)taken;
  for (size_t read = 0; read < MUCH; read += 4096) {
    read_pattern(pair[1], read, 4096);
    sent += sent_by(drain(), 1);
  }
  CHECK_INT(sent, MUCH);
  close_pair(pair);
  pump_close();
}

static void a_peer_that_closes_fails_what_is_queued_once(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  tcp_pair(pair);
  want(pair[0], BP_WANT_PEER_END, 1);
  send_pattern(pair[0], 0, MUCH, 1);
  (void)flush_out();
  close_with_reset(pair[1]);
  int failures = 0;
  int ends = 0;
  while (failures == 0 || ends == 0) {
    const int count = drain_some();
    for (int i = 0; i < count; i++) {
      if (records[i].kind == BP_RECORD_SEND_FAILED) {
        CHECK(records[i].value == -ECONNRESET || records[i].value == -EPIPE);
        failures++;
      } else if (records[i].kind == BP_RECORD_END) {
        ends++;
      } else {
        CHECK_INT(records[i].kind, BP_RECORD_SENT);
        CHECK_INT(failures, 0);
      }
    }
  }
  CHECK_INT(failures, 1);
  CHECK_INT(ends, 1);
  check_quiet();
  bp_socket_close(pair[0]);
  pump_close();
}

static void one_that_fails_does_not_disturb_the_others(const char *backend) {
  enum { PAIRS = 20 };
  struct bp_socket *pairs[PAIRS][2];
  char got[4];
  pump_open_on(backend);
  for (int i = 0; i < PAIRS; i++) {
    half_closing_pair(pairs[i]);
  }
  CHECK_OK(bp_socket_shutdown(pairs[7][0]));
  for (int i = 0; i < PAIRS; i++) {
    send_text(pairs[i][0], "ours", (uint64_t)i);
  }
  const int count = flush_out();
  CHECK_INT(count, PAIRS);
  for (int i = 0; i < count; i++) {
    CHECK_INT(records[i].tag, i); /* in the order in which they were sent */
    check_record(i, (uint64_t)i, i == 7 ? BP_RECORD_SEND_FAILED : BP_RECORD_SENT,
                 i == 7 ? -EPIPE : 4);
    if (i != 7) {
      read_all(pairs[i][1], got, sizeof got);
    }
    close_pair(pairs[i]);
  }
  pump_close();
}

static void a_full_batch_leaves_the_rest_to_the_next(const char *backend) {
  enum { PAIRS = 40 };
  struct bp_socket *pairs[PAIRS][2];
  bool is_told[PAIRS] = {false};
  int told = 0;
  pump_open_on(backend);
  for (int i = 0; i < PAIRS; i++) {
    local_pair(pairs[i]);
    send_text(pairs[i][0], "x", (uint64_t)i);
  }
  while (told < PAIRS) {
    const int count = drain_into(BP_RECORDS_PER_SOCKET + 2, ROOM);
    for (int i = 0; i < count; i++) {
      CHECK_INT(records[i].kind, BP_RECORD_SENT);
      CHECK(!is_told[records[i].tag]);
      is_told[records[i].tag] = true;
      told++;
    }
  }
  check_quiet();
  for (int i = 0; i < PAIRS; i++) {
    close_pair(pairs[i]);
  }
  pump_close();
}

static void our_end_comes_behind_all_bytes(const char *backend) {
  struct bp_socket *pair[2];
  char byte = 0;
  size_t sent = 0;
  bool has_ended = false;
  pump_open_on(backend);
  half_closing_pair(pair);
  send_pattern(pair[0], 0, MUCH, 1);
  end_sending(pair[0], 1);
  for (size_t read = 0; read < MUCH; read += 4096) {
    const int count = drain();
    for (int i = 0; i < count; i++) {
      CHECK(!has_ended);
      if (records[i].kind == BP_RECORD_SENT) {
        sent += (size_t)records[i].value;
      } else {
        check_record(i, 1, BP_RECORD_ENDED, 0);
        CHECK_INT(sent, MUCH);
        has_ended = true;
      }
    }
    read_pattern(pair[1], read, 4096);
  }
  CHECK(has_ended);
  CHECK_INT(bp_socket_read_wait(pair[1], &byte, 1, bp_deadline_after(PATIENCE_MS), NULL), BP_END);
  check_quiet();
  write_all(pair[1], "still", 5);
  want(pair[0], BP_WANT_BYTES, 1);
  CHECK_INT(drain_some(), 1);
  check_record(0, 1, BP_RECORD_BYTES, 5);
  close_pair(pair);
  pump_close();
}

static void the_end_of_nothing_is_told_at_the_flush(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  half_closing_pair(pair);
  end_sending(pair[0], 1);
  CHECK_INT(flush_out(), 1);
  check_record(0, 1, BP_RECORD_ENDED, 0);
  await(pair[1], BP_EVENT_REMOTE_DISCONNECTED);
  close_pair(pair);
  pump_close();
}

/* A pipe has no half-close: after our end the peer's is told when it has been silent for long
 * enough, and no sooner while somebody still reads. */
static void a_silent_peer_ends_what_cannot_be_half_closed(const char *backend) {
  struct bp_socket *pair[2];
  if (local_streams_are_sockets) {
    check_skip("only pipes have no half-close");
  }
  pump_open_on(backend);
  local_pair(pair);
  want(pair[0], BP_WANT_PEER_END | BP_WANT_ANSWERS, 1);
  end_sending(pair[0], 1);
  want(pair[0], BP_WANT_PEER_END | BP_WANT_ANSWERS, 1);
  CHECK_INT(flush_out(), 1);
  check_record(0, 1, BP_RECORD_ENDED, 0);
  write_all(pair[1], "answer", 6);
  pause_ms(3 * 50);
  CHECK_INT(drain(), 0); /* unread, and somebody will read it */
  want(pair[0], BP_WANT_BYTES | BP_WANT_ANSWERS, 1);
  CHECK_INT(drain_some(), 1);
  check_record(0, 1, BP_RECORD_BYTES, 6);
  CHECK_INT(drain_some(), 1);
  check_record(0, 1, BP_RECORD_END, 0);
  check_quiet();
  close_pair(pair);
  pump_close();
}

static void what_is_queued_for_a_closed_socket_is_forgotten(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_socket *next[2];
  pump_open_on(backend);
  local_pair(pair);
  (void)fill(pair[0]);
  send_pattern(pair[0], 0, 100000, 1);
  (void)flush_out();
  send_pattern(pair[0], 0, 100, 1);
  bp_socket_close(pair[0]);
  local_pair(next); /* whose descriptor may be the same */
  check_quiet();
  CHECK(!bp_socket_holds(next[1], BP_EVENT_DATA_AVAILABLE));
  bp_socket_close(pair[1]);
  close_pair(next);
  pump_close();
}

static void a_pump_that_closes_forgets_what_is_queued(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  local_pair(pair);
  (void)fill(pair[0]);
  send_pattern(pair[0], 0, 100000, 1);
  (void)flush_out();
  end_sending(pair[0], 1);
  pump_close();
  close_pair(pair);
}

static void what_is_sent_before_it_is_connected_goes_out_then(const char *backend) {
  char got[5];
  pump_open_on(backend);
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *client = tcp_client(server);
  send_text(client, "hello", 1);
  struct bp_socket *accepted = accept_one(server);
  CHECK_INT(sent_by(drain_some(), 1), 5);
  read_all(accepted, got, sizeof got);
  bp_socket_close(client);
  bp_socket_close(accepted);
  bp_socket_close(server);
  pump_close();
}

static const struct check_case cases[] = {
    CASE_ON_PUMPS(what_is_sent_goes_out_at_the_flush),
    CASE_ON_PUMPS(a_drain_flushes_first),
    CASE_ON_PUMPS(many_pieces_keep_their_order),
    CASE_ON_PUMPS(a_slow_reader_gets_all_of_it),
    CASE_ON_PUMPS(what_is_sent_behind_a_full_buffer_waits_its_turn),
    CASE_ON_PUMPS(what_is_wanted_and_what_is_sent_do_not_disturb_each_other),
    CASE_ON_PUMPS(large_bytes_go_at_once_if_nothing_waits),
    CASE_ON_PUMPS(what_does_not_go_at_once_follows),
    CASE_ON_PUMPS(a_peer_that_closes_fails_what_is_queued_once),
    CASE_ON_PUMPS(one_that_fails_does_not_disturb_the_others),
    CASE_ON_PUMPS(a_full_batch_leaves_the_rest_to_the_next),
    CASE_ON_PUMPS(our_end_comes_behind_all_bytes),
    CASE_ON_PUMPS(the_end_of_nothing_is_told_at_the_flush),
    CASE_ON_PUMPS(a_silent_peer_ends_what_cannot_be_half_closed),
    CASE_ON_PUMPS(what_is_queued_for_a_closed_socket_is_forgotten),
    CASE_ON_PUMPS(a_pump_that_closes_forgets_what_is_queued),
    CASE_ON_PUMPS(what_is_sent_before_it_is_connected_goes_out_then),
};
CHECK_MAIN(cases)
