/* What ends a wait early: struct bp_interrupt. */
#include "check.h"
#include "fixtures.h"

#include <errno.h>

/* ---- The waits, for what never comes ---- */

static struct bp_socket *pair[2];

static int64_t poll_one(bp_deadline_ns deadline, const struct bp_interrupt *interrupt) {
  struct bp_query query = {.socket = pair[0], .events = BP_EVENT_DATA_AVAILABLE};
  return bp_poll(&query, 1, deadline, interrupt);
}

static int64_t poll_none(bp_deadline_ns deadline, const struct bp_interrupt *interrupt) {
  return bp_poll(NULL, 0, deadline, interrupt);
}

static int64_t poll_many(bp_deadline_ns deadline, const struct bp_interrupt *interrupt) {
  struct bp_query queries[20];
  for (size_t i = 0; i < 20; i++) {
    queries[i] = (struct bp_query){.socket = pair[0], .events = BP_EVENT_DATA_AVAILABLE};
  }
  return bp_poll(queries, 20, deadline, interrupt);
}

static int64_t read_one(bp_deadline_ns deadline, const struct bp_interrupt *interrupt) {
  char byte = 0;
  return bp_socket_read_wait(pair[0], &byte, 1, deadline, interrupt);
}

static int64_t write_one(bp_deadline_ns deadline, const struct bp_interrupt *interrupt) {
  return bp_socket_write_wait(pair[0], "x", 1, deadline, interrupt);
}

typedef int64_t wait_function(bp_deadline_ns deadline, const struct bp_interrupt *interrupt);
static wait_function *const waits[] = {poll_one, poll_none, poll_many, read_one, write_one};
#define WAITS (sizeof waits / sizeof waits[0])

/* Nobody reads, and nobody writes. */
static void open_pair(void) {
  local_pair(pair);
  fill(pair[0]);
}

/* ---- Signals, as a descriptor tells of them ---- */

static int ends[2]; /* what is said at the first is a signal that comes, at the second it waits */

static struct bp_interrupt by_descriptor(void) {
  return (struct bp_interrupt){.by_signals = true, .signal_fd = ends[1]};
}

static void close_ends(void) {
  raw_hang_up(ends[0]);
  raw_hang_up(ends[1]);
}

static void a_signal_before_the_wait_ends_it(void) {
  open_pair();
  raw_pair(ends);
  raw_say(ends[0]);
  const struct bp_interrupt interrupt = by_descriptor();
  for (size_t i = 0; i < WAITS; i++) {
    CHECK_INT(waits[i](BP_FOREVER, &interrupt), -EINTR);
  }
  raw_hear(ends[1]);
  for (size_t i = 0; i < WAITS; i++) {
    CHECK_INT(waits[i](bp_deadline_after(MOMENT_MS), &interrupt), 0);
  }
  close_ends();
  close_pair(pair);
}

static void *say_later(void *fd) {
  pause_ms(20);
  raw_say(*(int *)fd);
  return NULL;
}

static void a_signal_that_another_thread_takes_ends_it(void) {
  open_pair();
  raw_pair(ends);
  const struct bp_interrupt interrupt = by_descriptor();
  for (size_t i = 0; i < WAITS; i++) {
    const pthread_t thread = thread_start(say_later, &ends[0]);
    CHECK_INT(waits[i](BP_FOREVER, &interrupt), -EINTR);
    thread_join(thread);
    raw_hear(ends[1]);
  }
  close_ends();
  close_pair(pair);
}

static void a_look_is_not_interrupted(void) {
  open_pair();
  raw_pair(ends);
  raw_say(ends[0]);
  const struct bp_interrupt interrupt = by_descriptor();
  for (size_t i = 0; i < WAITS; i++) {
    CHECK_INT(waits[i](BP_AT_ONCE, &interrupt), 0);
  }
  close_ends();
  close_pair(pair);
}

static void a_signal_goes_before_bytes_and_costs_none(void) {
  char byte = 0;
  local_pair(pair);
  raw_pair(ends);
  raw_say(ends[0]);
  write_all(pair[1], "a", 1);
  const struct bp_interrupt interrupt = by_descriptor();
  CHECK_INT(bp_socket_read_wait(pair[0], &byte, 1, BP_FOREVER, &interrupt), -EINTR);
  CHECK_INT(bp_socket_write_wait(pair[0], "b", 1, BP_FOREVER, &interrupt), -EINTR);
  raw_hear(ends[1]);
  CHECK_INT(bp_socket_read_wait(pair[0], &byte, 1, BP_FOREVER, &interrupt), 1);
  CHECK_INT(byte, 'a');
  CHECK_INT(bp_socket_read_wait(pair[1], &byte, 1, bp_deadline_after(MOMENT_MS), NULL), 0);
  close_ends();
  close_pair(pair);
}

#ifndef _WIN32 /* which has no such signals, so that no poller there is told of any */

static void a_cut_call_alone_ends_none_where_a_descriptor_tells(void) {
  open_pair();
  raw_pair(ends);
  const struct bp_interrupt interrupt = by_descriptor();
  ticking_start(5);
  for (size_t i = 0; i < WAITS; i++) {
    CHECK_INT(waits[i](bp_deadline_after(MOMENT_MS), &interrupt), 0);
  }
  ticking_stop();
  close_ends();
  close_pair(pair);
}

static void a_cut_call_alone_ends_no_wait_of_a_poller(const char *backend) {
  struct bp_poller *poller = NULL;
  struct bp_occurrence out[1];
  CHECK_OK(bp_poller_open(backend, &poller));
  raw_pair(ends);
  const struct bp_interrupt interrupt = by_descriptor();
  ticking_start(5);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(MOMENT_MS), &interrupt, out, 1), 0);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(MOMENT_MS), NULL, out, 1), 0);
  ticking_stop();
  bp_poller_close(poller);
  close_ends();
}

static void a_poller_tells_of_a_signal_until_it_is_handled(const char *backend) {
  struct bp_poller *poller = NULL;
  struct bp_occurrence out[2];
  CHECK_OK(bp_poller_open(backend, &poller));
  raw_pair(ends);
  local_pair(pair);
  CHECK_OK(bp_poller_monitor(poller, pair[0], BP_EVENT_DATA_AVAILABLE, 7));
  const struct bp_interrupt interrupt = by_descriptor();
  const struct bp_interrupt of_nothing = {.by_signals = true, .signal_fd = -1};
  for (int round = 0; round < 2; round++) {
    raw_say(ends[0]);
    CHECK_INT(bp_poller_wait(poller, BP_FOREVER, &interrupt, out, 2), -EINTR);
    CHECK_INT(bp_poller_wait(poller, BP_FOREVER, &interrupt, out, 2), -EINTR);
    CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, &interrupt, out, 2), 0);
    CHECK_INT(bp_poller_wait(poller, bp_deadline_after(MOMENT_MS), &of_nothing, out, 2), 0);
    write_all(pair[1], "x", 1);
    CHECK_INT(bp_poller_wait(poller, BP_FOREVER, &interrupt, out, 2), 1);
    CHECK_INT(out[0].tag, 7);
    read_all(pair[0], &(char){0}, 1);
    raw_hear(ends[1]);
    CHECK_INT(bp_poller_wait(poller, bp_deadline_after(MOMENT_MS), &interrupt, out, 2), 0);
  }
  close_pair(pair);
  bp_poller_close(poller);
  close_ends();
}

static void a_signal_that_another_thread_takes_ends_a_pollers_wait(const char *backend) {
  struct bp_poller *poller = NULL;
  struct bp_occurrence out[1];
  CHECK_OK(bp_poller_open(backend, &poller));
  raw_pair(ends);
  const struct bp_interrupt interrupt = by_descriptor();
  const pthread_t thread = thread_start(say_later, &ends[0]);
  CHECK_INT(bp_poller_wait(poller, BP_FOREVER, &interrupt, out, 1), -EINTR);
  thread_join(thread);
  bp_poller_close(poller);
  close_ends();
}

#endif

static void a_look_up_is_ended(void) {
  struct bp_address found[1];
  raw_pair(ends);
  raw_say(ends[0]);
  const struct bp_interrupt interrupt = by_descriptor();
  CHECK_INT(bp_resolve("localhost", 0, BP_FOREVER, &interrupt, found, 1), -EINTR);
  raw_hear(ends[1]);
  CHECK_INT(bp_resolve("localhost", 0, BP_FOREVER, &interrupt, found, 1), 1);
  close_ends();
}

/* ---- The end of the thread ---- */

static bool is_third_look(void *looks) {
  return ++*(int *)looks == 3;
}

static void the_end_of_the_thread_ends_it(void) {
  open_pair();
  for (size_t i = 0; i < WAITS; i++) {
    int looks = 0;
    const struct bp_interrupt interrupt = {.is_over = is_third_look, .context = &looks};
    CHECK_INT(waits[i](BP_FOREVER, &interrupt), -EINTR);
    CHECK_INT(looks, 3);
  }
  close_pair(pair);
}

static bool never(void *context) {
  (void)context;
  return false;
}

static void the_deadline_holds_though_the_thread_may_end(void) {
  open_pair();
  const struct bp_interrupt interrupt = {.is_over = never};
  for (size_t i = 0; i < WAITS; i++) {
    const struct stopwatch watch = stopwatch_start();
    CHECK_INT(waits[i](bp_deadline_after(250), &interrupt), 0);
    CHECK_AT_LEAST(stopwatch_ms(&watch), 250);
  }
  close_pair(pair);
}

static void the_end_of_the_thread_ends_a_pollers_wait(const char *backend) {
  struct bp_poller *poller = NULL;
  struct bp_occurrence out[1];
  int looks = 0;
  const struct bp_interrupt interrupt = {.is_over = is_third_look, .context = &looks};
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_INT(bp_poller_wait(poller, BP_FOREVER, &interrupt, out, 1), -EINTR);
  CHECK_INT(looks, 3);
  bp_poller_close(poller);
}

static bool at_once(void *context) {
  (void)context;
  return true;
}

static void the_end_of_the_thread_ends_a_look_up(void) {
  struct bp_address found[1];
  const struct bp_interrupt interrupt = {.is_over = at_once};
  CHECK_INT(bp_resolve("localhost", 0, BP_FOREVER, &interrupt, found, 1), -EINTR);
}

static const struct check_case cases[] = {
    CASE(a_signal_before_the_wait_ends_it),
    CASE(a_signal_that_another_thread_takes_ends_it),
    CASE(a_look_is_not_interrupted),
    CASE(a_signal_goes_before_bytes_and_costs_none),
#ifndef _WIN32
    CASE(a_cut_call_alone_ends_none_where_a_descriptor_tells),
    CASE_ON_BACKENDS(a_cut_call_alone_ends_no_wait_of_a_poller),
    CASE_ON_BACKENDS(a_poller_tells_of_a_signal_until_it_is_handled),
    CASE_ON_BACKENDS(a_signal_that_another_thread_takes_ends_a_pollers_wait),
#endif
    CASE(a_look_up_is_ended),
    CASE(the_end_of_the_thread_ends_it),
    CASE(the_deadline_holds_though_the_thread_may_end),
    CASE_ON_BACKENDS(the_end_of_the_thread_ends_a_pollers_wait),
    CASE(the_end_of_the_thread_ends_a_look_up),
};

CHECK_MAIN(cases)
