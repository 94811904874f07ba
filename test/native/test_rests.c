/* A system that lacks memory for a while: what fails rests, nothing is lost, all others are served.
 */
#include "check.h"
#include "fixtures.h"
#include "fixtures_pump.h"
#include "kind.h"
#include "poller.h"
#include "socket.h"
#include "state.h"

#include <errno.h>
#include <limits.h>

/* Of so many calls in a row that fail, each is made 1, 2, 4, 8, 16 and 16 ms after the one before.
 */
#define FAILURES 6
#define RESTS_MS 47
#define SHORTEST_REST_MS 1
#define LENGTH 5

/* ---- A kind whose first calls fail ---- */

static struct bp_kind_ops lacking;
static const struct bp_kind_ops *real;
static struct stopwatch since;
static int failures_left;

static bool fails(void) {
  return failures_left-- > 0;
}

static int64_t lacking_read(struct bp_socket *socket, void *into, size_t length, bool peek) {
  return fails() ? -ENOMEM : real->read(socket, into, length, peek);
}

static int64_t lacking_write(struct bp_socket *socket, const void *from, size_t length) {
  return fails() ? -ENOBUFS : real->write(socket, from, length);
}

static int lacking_end(struct bp_socket *socket) {
  return fails() ? -ENOBUFS : real->end(socket);
}

static void let_fail(struct bp_socket *socket) {
  real = socket->ops;
  lacking = *real;
  lacking.read = lacking_read;
  lacking.write = lacking_write;
  lacking.end = lacking_end;
  socket->ops = &lacking;
  failures_left = FAILURES;
  since = stopwatch_start();
}

static void check_rested(void) {
  CHECK_AT_MOST(failures_left, 0);
  CHECK_AT_LEAST(stopwatch_ms(&since), RESTS_MS);
}

/* ---- Pollers ---- */

static struct bp_occurrence wait_for_one(struct bp_poller *poller) {
  struct bp_occurrence ready[2];
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, ready, 2), 1);
  return ready[0];
}

static void a_poller_reports_a_write_that_failed_when_it_has_rested(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_poller *poller = NULL;
  char got[LENGTH];
  tcp_pair(pair);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, pair[0], BP_EVENT_READY_TO_WRITE, 1));
  let_fail(pair[0]);
  for (int64_t taken = 0; taken == 0;) {
    CHECK_INT(wait_for_one(poller).events, BP_EVENT_READY_TO_WRITE);
    taken = bp_socket_write(pair[0], "hello", LENGTH);
  }
  check_rested();
  read_all(pair[1], got, LENGTH);
  bp_poller_close(poller);
  close_pair(pair);
}

static void a_poller_reports_a_read_that_failed_when_it_has_rested(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_poller *poller = NULL;
  char into[LENGTH];
  int64_t got = -ENOMEM;
  tcp_pair(pair);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, pair[0], BP_EVENT_DATA_AVAILABLE, 1));
  write_all(pair[1], "hello", LENGTH);
  let_fail(pair[0]);
  while (got == -ENOMEM) {
    CHECK_INT(wait_for_one(poller).events, BP_EVENT_DATA_AVAILABLE);
    got = bp_socket_read(pair[0], into, LENGTH, false);
  }
  CHECK_INT(got, LENGTH);
  check_rested();
  bp_poller_close(poller);
  close_pair(pair);
}

static void what_rests_keeps_no_other_event_back(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_poller *poller = NULL;
  char got[LENGTH];
  tcp_pair(pair);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(
      bp_poller_monitor(poller, pair[0], BP_EVENT_READY_TO_WRITE | BP_EVENT_DATA_AVAILABLE, 1));
  CHECK_INT(bp_state_written(pair[0], -ENOBUFS), 0);
  write_all(pair[1], "hello", LENGTH);
  struct bp_occurrence found = wait_for_one(poller);
  while (!(found.events & BP_EVENT_DATA_AVAILABLE)) {
    found = wait_for_one(poller);
  }
  CHECK_INT(bp_socket_read(pair[0], got, LENGTH, false), LENGTH);
  bp_poller_close(poller);
  close_pair(pair);
}

static void a_rest_wakes_a_loop_that_was_to_look_later(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_poller *poller = NULL;
  tcp_pair(pair);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, pair[0], BP_EVENT_DATA_AVAILABLE, 1));
  CHECK_INT(bp_poller_next_look(poller), BP_FOREVER);
  CHECK_INT(bp_state_read(pair[0], 1, -ENOMEM), -ENOMEM);
  bp_poller_park(poller); /* which ends */
  CHECK_AT_MOST(bp_poller_next_look(poller), bp_deadline_after(MOMENT_MS));
  bp_poller_close(poller);
  close_pair(pair);
}

static void who_asks_the_socket_itself_is_told_of_no_rest(void) {
  struct bp_socket *pair[2];
  tcp_pair(pair);
  CHECK_INT(bp_state_written(pair[0], -ENOBUFS), 0);
  CHECK(bp_socket_holds(pair[0], BP_EVENT_READY_TO_WRITE));
  close_pair(pair);
}

/* ---- Verbs ---- */

static void a_write_that_waits_rests_between_its_tries(void) {
  struct bp_socket *pair[2];
  tcp_pair(pair);
  let_fail(pair[0]);
  CHECK_INT(bp_socket_write_wait(pair[0], "hello", LENGTH, bp_deadline_after(PATIENCE_MS), NULL),
            LENGTH);
  check_rested();
  close_pair(pair);
}

static void a_wait_that_rests_ends_at_its_deadline(void) {
  struct bp_socket *pair[2];
  tcp_pair(pair);
  let_fail(pair[0]);
  CHECK_INT(bp_socket_write_wait(pair[0], "hello", LENGTH, bp_deadline_after(3), NULL), 0);
  close_pair(pair);
}

static void a_poll_waits_for_the_end_of_the_rest(void) {
  struct bp_socket *pair[2];
  tcp_pair(pair);
  struct bp_query query = {.socket = pair[0], .events = BP_EVENT_READY_TO_WRITE};
  int ready = 0;
  do { /* until this thread was not kept from looking while it rests */
    since = stopwatch_start();
    CHECK_INT(bp_state_written(pair[0], -ENOBUFS), 0);
    ready = bp_poll(&query, 1, BP_AT_ONCE, NULL);
  } while (stopwatch_ms(&since) >= SHORTEST_REST_MS);
  CHECK_INT(ready, 0);
  CHECK_INT(bp_poll(&query, 1, bp_deadline_after(PATIENCE_MS), NULL), 1);
  close_pair(pair);
}

/* ---- A pump ---- */

static void others_are_served_while_one_rests(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_socket *others[2];
  char got[LENGTH];
  pump_open_on(backend);
  tcp_pair(pair);
  tcp_pair(others);
  want(others[0], BP_WANT_BYTES, 2);
  let_fail(pair[0]);
  failures_left = INT_MAX; /* until it is told otherwise */
  send_text(pair[0], "hello", 1);
  for (int turn = 0; turn < 5; turn++) {
    write_all(others[1], "hello", LENGTH);
    CHECK_INT(drain_some(), 1);
    check_record(0, 2, BP_RECORD_BYTES, LENGTH);
  }
  failures_left = 0;
  CHECK_INT(drain_some(), 1);
  check_record(0, 1, BP_RECORD_SENT, LENGTH);
  read_all(pair[1], got, LENGTH);
  pump_close();
  close_pair(pair);
  close_pair(others);
}

static void bytes_come_after_a_read_has_rested(const char *backend) {
  struct bp_socket *pair[2];
  pump_open_on(backend);
  tcp_pair(pair);
  want(pair[0], BP_WANT_BYTES, 1);
  write_all(pair[1], "hello", LENGTH);
  let_fail(pair[0]);
  CHECK_INT(drain_some(), 1);
  check_record(0, 1, BP_RECORD_BYTES, LENGTH);
  check_rested();
  pump_close();
  close_pair(pair);
}

static void an_end_that_fails_is_tried_again(const char *backend) {
  struct bp_socket *pair[2];
  char byte = 0;
  pump_open_on(backend);
  tcp_pair(pair);
  let_fail(pair[0]);
  end_sending(pair[0], 1);
  CHECK_INT(drain_some(), 1);
  check_record(0, 1, BP_RECORD_ENDED, 0);
  check_rested();
  await(pair[1], BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(bp_socket_read(pair[1], &byte, 1, false), BP_END);
  pump_close();
  close_pair(pair);
}

static const struct check_case cases[] = {
    CASE_ON_BACKENDS(a_poller_reports_a_write_that_failed_when_it_has_rested),
    CASE_ON_BACKENDS(a_poller_reports_a_read_that_failed_when_it_has_rested),
    CASE_ON_BACKENDS(what_rests_keeps_no_other_event_back),
    CASE_ON_BACKENDS(a_rest_wakes_a_loop_that_was_to_look_later),
    CASE(who_asks_the_socket_itself_is_told_of_no_rest),
    CASE(a_write_that_waits_rests_between_its_tries),
    CASE(a_wait_that_rests_ends_at_its_deadline),
    CASE(a_poll_waits_for_the_end_of_the_rest),
    CASE_ON_BACKENDS(others_are_served_while_one_rests),
    CASE_ON_BACKENDS(bytes_come_after_a_read_has_rested),
    CASE_ON_BACKENDS(an_end_that_fails_is_tried_again),
};
CHECK_MAIN(cases)
