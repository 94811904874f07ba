#include "check.h"
#include "fixtures.h"
#include "waker.h"

#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

#define MANY 100000

static bool is_readable(const struct bp_waker *waker, int milliseconds) {
  struct pollfd entry = {.fd = waker->read_fd, .events = POLLIN};
  return poll(&entry, 1, milliseconds) == 1;
}

static void check_kept_until_drained(const struct bp_waker_ops *ops) {
  struct bp_waker waker;
  CHECK_OK(bp_waker_open_as(&waker, ops));
  CHECK_TEXT(waker.ops->name, ops->name);
  check_non_blocking_and_close_on_exec(waker.read_fd);
  check_non_blocking_and_close_on_exec(waker.write_fd);
  CHECK(!is_readable(&waker, 0));
  for (int round = 0; round < 3; round++) {
    bp_waker_signal(&waker);
    CHECK(is_readable(&waker, 0));
    CHECK(is_readable(&waker, 0));
    bp_waker_drain(&waker);
    CHECK(!is_readable(&waker, 0));
  }
  bp_waker_drain(&waker); /* of nothing: it must not block */
  bp_waker_signal(&waker);
  CHECK(is_readable(&waker, 0));
  bp_waker_close(&waker);
}

static void check_many_are_one(const struct bp_waker_ops *ops) {
  struct bp_waker waker;
  CHECK_OK(bp_waker_open_as(&waker, ops));
  for (int i = 0; i < MANY; i++) {
    bp_waker_signal(&waker); /* none blocks, though a pipe holds fewer */
  }
  CHECK(is_readable(&waker, 0));
  bp_waker_drain(&waker);
  CHECK(!is_readable(&waker, 0));
  bp_waker_close(&waker);
}

/* Past the flag that spares system calls: the descriptor itself must bear being full. */
static void check_full(const struct bp_waker_ops *ops) {
  struct bp_waker waker;
  CHECK_OK(bp_waker_open_as(&waker, ops));
  for (int i = 0; i < MANY; i++) {
    ops->signal(&waker);
  }
  CHECK(is_readable(&waker, 0));
  bp_waker_drain(&waker);
  CHECK(!is_readable(&waker, 0));
  bp_waker_close(&waker);
}

static void *signal_later(void *waker) {
  pause_ms(20);
  bp_waker_signal(waker);
  return NULL;
}

static void check_from_a_thread(const struct bp_waker_ops *ops) {
  struct bp_waker waker;
  CHECK_OK(bp_waker_open_as(&waker, ops));
  const pthread_t thread = thread_start(signal_later, &waker);
  CHECK(is_readable(&waker, PATIENCE_MS));
  thread_join(thread);
  bp_waker_close(&waker);
}

/* Each signal is sent when the one before was taken, so none may be lost on the way. */
struct exchange {
  struct bp_waker to, back;
  atomic_bool is_over;
};

#define EXCHANGES 20000

static void *answer(void *argument) {
  struct exchange *exchange = argument;
  while (!atomic_load(&exchange->is_over)) {
    if (is_readable(&exchange->to, 10)) {
      bp_waker_drain(&exchange->to);
      bp_waker_signal(&exchange->back);
    }
  }
  return NULL;
}

static void check_none_lost(const struct bp_waker_ops *ops) {
  struct exchange exchange;
  atomic_init(&exchange.is_over, false);
  CHECK_OK(bp_waker_open_as(&exchange.to, ops));
  CHECK_OK(bp_waker_open_as(&exchange.back, ops));
  const pthread_t thread = thread_start(answer, &exchange);
  for (int i = 0; i < EXCHANGES; i++) {
    bp_waker_signal(&exchange.to);
    bp_waker_signal(&exchange.to); /* often in the middle of a drain */
    CHECK(is_readable(&exchange.back, PATIENCE_MS));
    bp_waker_drain(&exchange.back);
  }
  atomic_store(&exchange.is_over, true);
  thread_join(thread);
  bp_waker_close(&exchange.to);
  bp_waker_close(&exchange.back);
}

/*
 * What another thread does in the middle of a drain, put there on purpose. Such a signal may be
 * taken along, since its waiter is awake; but the next one must make the descriptor readable.
 */
static const struct bp_waker_ops *inner;

static void signal_then_drain(const struct bp_waker *waker) {
  bp_waker_signal((struct bp_waker *)waker);
  inner->drain(waker);
}

static void drain_then_signal(const struct bp_waker *waker) {
  inner->drain(waker);
  bp_waker_signal((struct bp_waker *)waker);
}

static void check_signal_amid_drain(const struct bp_waker_ops *ops,
                                    void (*drain)(const struct bp_waker *)) {
  struct bp_waker waker;
  struct bp_waker_ops meddling = *ops;
  inner = ops;
  meddling.drain = drain;
  CHECK_OK(bp_waker_open_as(&waker, &meddling));
  for (int round = 0; round < 3; round++) {
    bp_waker_signal(&waker);
    CHECK(is_readable(&waker, 0));
    bp_waker_drain(&waker);
    bp_waker_signal(&waker);
    CHECK(is_readable(&waker, 0));
  }
  bp_waker_close(&waker);
}

static void check_amid_drain(const struct bp_waker_ops *ops) {
  check_signal_amid_drain(ops, signal_then_drain);
  check_signal_amid_drain(ops, drain_then_signal);
}

/* The first signals fail: a later try must make the descriptor readable all the same. */
static int failures_left;

static bool fail_first(const struct bp_waker *waker) {
  return failures_left-- <= 0 && inner->signal(waker);
}

static void check_failing_signal(const struct bp_waker_ops *ops) {
  struct bp_waker waker;
  struct bp_waker_ops failing = *ops;
  inner = ops;
  failing.signal = fail_first;
  CHECK_OK(bp_waker_open_as(&waker, &failing));
  failures_left = 3;
  bp_waker_signal(&waker);
  CHECK(is_readable(&waker, 0));
  bp_waker_drain(&waker);
  failures_left = 1000;
  bp_waker_signal(&waker); /* it gives up, but leaves the next one its own tries */
  CHECK(!is_readable(&waker, 0));
  failures_left = 0;
  bp_waker_signal(&waker);
  CHECK(is_readable(&waker, 0));
  bp_waker_close(&waker);
}

static void on_each_kind(void (*check)(const struct bp_waker_ops *)) {
#ifdef __linux__
  check(&bp_waker_eventfd);
#endif
  check(&bp_waker_pipe);
}

static void kept_until_drained(void) {
  on_each_kind(check_kept_until_drained);
}

static void many_signals_are_one(void) {
  on_each_kind(check_many_are_one);
}

static void a_full_descriptor_blocks_nobody(void) {
  on_each_kind(check_full);
}

static void from_another_thread(void) {
  on_each_kind(check_from_a_thread);
}

static void none_is_lost_between_threads(void) {
  on_each_kind(check_none_lost);
}

static void a_signal_amid_a_drain_silences_none_after_it(void) {
  on_each_kind(check_amid_drain);
}

static void a_signal_that_fails_is_tried_again(void) {
  on_each_kind(check_failing_signal);
}

static void the_lightest_kind_opens(void) {
  struct bp_waker waker;
  CHECK_OK(bp_waker_open(&waker));
#ifdef __linux__
  CHECK_TEXT(waker.ops->name, "eventfd");
  CHECK_INT(waker.read_fd, waker.write_fd);
#else
  CHECK_TEXT(waker.ops->name, "pipe");
#endif
  bp_waker_close(&waker);
}

static const struct check_case cases[] = {
    CASE(the_lightest_kind_opens),
    CASE(kept_until_drained),
    CASE(many_signals_are_one),
    CASE(a_full_descriptor_blocks_nobody),
    CASE(from_another_thread),
    CASE(none_is_lost_between_threads),
    CASE(a_signal_amid_a_drain_silences_none_after_it),
    CASE(a_signal_that_fails_is_tried_again),
};
CHECK_MAIN(cases)
