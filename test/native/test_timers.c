/* Timers, in pollers and without. */
#include "check.h"
#include "fixtures.h"

#include <errno.h>

#define NS_PER_MS INT64_C(1000000)

static struct bp_socket *timer_of(double delay_ms, int64_t interval_ns) {
  struct bp_socket *timer = NULL;
  CHECK_OK(bp_open_timer(bp_deadline_after(delay_ms), interval_ns, &timer));
  return timer;
}

static struct bp_poller *poller_of(const char *backend, struct bp_socket *timer) {
  struct bp_poller *poller = NULL;
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, timer, BP_EVENT_EXPIRED, 7));
  return poller;
}

static int wait_ms(struct bp_poller *poller, double milliseconds) {
  struct bp_occurrence out[4];
  return bp_poller_wait(poller, bp_deadline_after(milliseconds), NULL, out, 4);
}

static void a_timer_ends_a_wait_and_holds_until_it_is_taken(const char *backend) {
  const struct stopwatch watch = stopwatch_start();
  struct bp_socket *timer = timer_of(MOMENT_MS, BP_FOREVER);
  struct bp_poller *poller = poller_of(backend, timer);
  CHECK_INT(bp_timer_take(timer), 0);
  CHECK_INT(wait_ms(poller, PATIENCE_MS), 1);
  CHECK_AT_LEAST(stopwatch_ms(&watch), MOMENT_MS - 1);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), MOMENT_MS / 2);
  CHECK_INT(wait_ms(poller, PATIENCE_MS), 1);
  CHECK_INT(bp_timer_take(timer), 1);
  CHECK_INT(bp_timer_take(timer), 0);
  CHECK_INT(wait_ms(poller, MOMENT_MS), 0);
  bp_socket_close(timer);
  bp_poller_close(poller);
}

static void an_interval_counts_what_was_missed(const char *backend) {
  struct bp_socket *timer = timer_of(0, NS_PER_MS);
  struct bp_poller *poller = poller_of(backend, timer);
  pause_ms(20);
  CHECK_INT(wait_ms(poller, PATIENCE_MS), 1);
  CHECK_AT_LEAST(bp_timer_take(timer), 20);
  CHECK_INT(wait_ms(poller, PATIENCE_MS), 1);
  CHECK_AT_LEAST(bp_timer_take(timer), 1);
  bp_poller_close(poller);
  bp_socket_close(timer);
}

static void one_that_was_closed_ends_no_wait(const char *backend) {
  struct bp_socket *timer = timer_of(0, BP_FOREVER);
  struct bp_poller *poller = poller_of(backend, timer);
  bp_socket_close(timer);
  CHECK_INT(wait_ms(poller, MOMENT_MS), 0);
  bp_poller_close(poller);
}

static void it_is_waited_for_without_a_poller(void) {
  struct bp_socket *timer = timer_of(8 * MOMENT_MS, BP_FOREVER);
  struct bp_query query = {.socket = timer, .events = BP_EVENT_EXPIRED};
  CHECK_INT(bp_poll(&query, 1, bp_deadline_after(MOMENT_MS / 4), NULL), 0);
  CHECK_INT(bp_poll(&query, 1, BP_FOREVER, NULL), 1);
  CHECK_INT(query.holds, BP_EVENT_EXPIRED);
  CHECK_INT(bp_socket_holds(timer, BP_EVENT_EXPIRED), BP_EVENT_EXPIRED);
  bp_socket_close(timer);
}

static void what_is_none_is_refused(void) {
  struct bp_socket *pair[2];
  struct bp_socket *timer = NULL;
  CHECK_INT(bp_open_timer(BP_AT_ONCE, 0, &timer), -EINVAL);
  local_pair(pair);
  CHECK_INT(bp_timer_take(pair[0]), -EINVAL);
  close_pair(pair);
  timer = timer_of(0, BP_FOREVER);
  CHECK_INT(bp_socket_fd(timer), -1);
  CHECK_INT(bp_socket_detach(timer), -ENOTSUP);
  bp_socket_close(timer);
}

static const struct check_case cases[] = {
    CASE_ON_BACKENDS(a_timer_ends_a_wait_and_holds_until_it_is_taken),
    CASE_ON_BACKENDS(an_interval_counts_what_was_missed),
    CASE_ON_BACKENDS(one_that_was_closed_ends_no_wait),
    CASE(it_is_waited_for_without_a_poller),
    CASE(what_is_none_is_refused),
};

CHECK_MAIN(cases)
