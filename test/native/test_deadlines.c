#include "check.h"
#include "deadline.h"
#include "fixtures.h"

#include <limits.h>
#include <math.h>
#include <time.h>

#define NS_PER_S (1000 * BP_NS_PER_MS)
#define HOUR_MS 3600000 /* does not pass while a case is at work */

static void nothing_and_less_is_at_once(void) {
  CHECK_INT(bp_deadline_after(0), BP_AT_ONCE);
  CHECK_INT(bp_deadline_after(-1), BP_AT_ONCE);
  CHECK_INT(bp_deadline_after(-INFINITY), BP_AT_ONCE);
  CHECK_INT(bp_deadline_after(NAN), BP_AT_ONCE);
}

static void infinity_and_the_huge_is_for_ever(void) {
  CHECK_INT(bp_deadline_after(INFINITY), BP_FOREVER);
  CHECK_INT(bp_deadline_after(1e300), BP_FOREVER);
  CHECK_INT(bp_deadline_after(1e18), BP_FOREVER);
  CHECK_INT(bp_deadline_left_ms(BP_FOREVER), -1);
  CHECK(!bp_deadline_passed(BP_FOREVER));
}

/* The largest that is no infinity: it neither overflows nor passes. */
static void a_hundred_years(void) {
  const bp_deadline_ns deadline = bp_deadline_after(100.0 * 365 * 86400 * 1000);
  CHECK(deadline != BP_FOREVER);
  CHECK_AT_LEAST(deadline, bp_now_ns());
  CHECK_INT(bp_deadline_left_ms(deadline), INT_MAX);
  CHECK(!bp_deadline_passed(deadline));
}

/* The clock may stand still between two looks, and may have moved by any amount: so what a look
 * returns is compared with the time before and the time after it. */
static void check_after(double milliseconds, int64_t ns) {
  const int64_t before_ns = bp_now_ns();
  const bp_deadline_ns deadline = bp_deadline_after(milliseconds);
  CHECK_AT_LEAST(deadline, before_ns + ns);
  CHECK_AT_MOST(deadline, bp_now_ns() + ns + 1); /* late by 1 ns rather than early */
}

static void it_is_that_far_from_now(void) {
  check_after(1e-9, 1); /* not at once */
  check_after(0.4, 400000);
  check_after(999.5, 999500000);
  check_after(HOUR_MS, HOUR_MS * BP_NS_PER_MS);
}

static void check_left_ms(bp_deadline_ns deadline) {
  const int64_t most_ns = deadline - bp_now_ns();
  const int64_t left_ns = bp_deadline_left_ms(deadline) * BP_NS_PER_MS;
  CHECK_AT_LEAST(left_ns, deadline - bp_now_ns());
  CHECK_AT_MOST(left_ns, most_ns + BP_NS_PER_MS - 1);
}

static void milliseconds_left_are_rounded_up(void) {
  for (int64_t ns = -1; ns <= 1; ns++) {
    check_left_ms(bp_now_ns() + HOUR_MS * BP_NS_PER_MS + ns);
  }
  check_left_ms(bp_now_ns() + HOUR_MS * BP_NS_PER_MS + BP_NS_PER_MS / 2);
  check_left_ms(bp_deadline_after(HOUR_MS));
  check_left_ms(bp_deadline_after(HOUR_MS + 0.5));
}

static void the_past_has_passed(void) {
  CHECK_INT(bp_deadline_left_ms(BP_AT_ONCE), 0);
  CHECK_INT(bp_deadline_left_ms(1), 0);
  CHECK_INT(bp_deadline_left_ms(bp_now_ns() - 1), 0);
  CHECK(bp_deadline_passed(BP_AT_ONCE));
  CHECK(bp_deadline_passed(bp_now_ns()));
  CHECK(!bp_deadline_passed(bp_deadline_after(HOUR_MS)));
}

static void check_left(double milliseconds) {
  struct timespec left;
  const bp_deadline_ns deadline = bp_deadline_after(milliseconds);
  const int64_t most_ns = deadline - bp_now_ns();
  CHECK(bp_deadline_left(deadline, &left) == &left);
  CHECK_AT_LEAST(left.tv_nsec, 0);
  CHECK_AT_MOST(left.tv_nsec, NS_PER_S - 1);
  const int64_t left_ns = (int64_t)left.tv_sec * NS_PER_S + left.tv_nsec;
  CHECK_AT_LEAST(left_ns, deadline - bp_now_ns());
  CHECK_AT_MOST(left_ns, most_ns);
}

static void what_is_left_as_a_timespec(void) {
  struct timespec left;
  CHECK(bp_deadline_left(BP_FOREVER, &left) == NULL);
  CHECK(bp_deadline_left(BP_AT_ONCE, &left) == &left);
  CHECK_INT(left.tv_sec + left.tv_nsec, 0);
  CHECK(bp_deadline_left(bp_now_ns() - 1, &left) == &left);
  CHECK_INT(left.tv_sec + left.tv_nsec, 0);
  check_left(HOUR_MS);
  check_left(HOUR_MS + 999.5);
  CHECK(bp_deadline_left(bp_deadline_after(100.0 * 365 * 86400 * 1000), &left) == &left);
  CHECK_INT(left.tv_sec, 86400); /* systems refuse a hundred years */
  CHECK_INT(left.tv_nsec, 0);
}

static void waiting_what_is_left_reaches_the_deadline(void) {
  const struct stopwatch watch = stopwatch_start();
  const bp_deadline_ns deadline = bp_deadline_after(7.3);
  pause_ms(bp_deadline_left_ms(deadline));
  CHECK(bp_deadline_passed(deadline));
  CHECK_AT_LEAST(stopwatch_ms(&watch), 7);
}

static const struct check_case cases[] = {
    CASE(nothing_and_less_is_at_once),
    CASE(infinity_and_the_huge_is_for_ever),
    CASE(a_hundred_years),
    CASE(it_is_that_far_from_now),
    CASE(milliseconds_left_are_rounded_up),
    CASE(the_past_has_passed),
    CASE(what_is_left_as_a_timespec),
    CASE(waiting_what_is_left_reaches_the_deadline),
};
CHECK_MAIN(cases)
