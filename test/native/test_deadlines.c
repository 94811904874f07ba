#include "check.h"
#include "deadline.h"
#include "fixtures.h"

#include <limits.h>
#include <math.h>
#include <time.h>

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

static void milliseconds_left_are_rounded_up(void) {
  /* Were the case stopped for so long that the deadline passes, 0 would be right: so not less. */
  CHECK_INT(bp_deadline_left_ms(bp_now_ns() + 1000 * BP_NS_PER_MS - 1), 1000);
  CHECK_INT(bp_deadline_left_ms(bp_deadline_after(999.5)), 1000);
  CHECK_AT_MOST(bp_deadline_left_ms(bp_deadline_after(0.4)), 1);
  CHECK_AT_MOST(bp_deadline_left_ms(bp_deadline_after(1e-9)), 1);
}

static void a_fraction_is_not_at_once(void) {
  CHECK(bp_deadline_after(1e-9) != BP_AT_ONCE);
  CHECK_AT_LEAST(bp_deadline_after(1e-9), bp_now_ns() - 1000 * BP_NS_PER_MS);
}

static void the_past_has_passed(void) {
  CHECK_INT(bp_deadline_left_ms(BP_AT_ONCE), 0);
  CHECK_INT(bp_deadline_left_ms(1), 0);
  CHECK_INT(bp_deadline_left_ms(bp_now_ns() - 1), 0);
  CHECK(bp_deadline_passed(BP_AT_ONCE));
  CHECK(bp_deadline_passed(bp_now_ns()));
  CHECK(!bp_deadline_passed(bp_deadline_after(PATIENCE_MS)));
}

static void what_is_left_as_a_timespec(void) {
  struct timespec left;
  CHECK(bp_deadline_left(BP_FOREVER, &left) == NULL);
  CHECK(bp_deadline_left(BP_AT_ONCE, &left) == &left);
  CHECK_INT(left.tv_sec + left.tv_nsec, 0);
  CHECK(bp_deadline_left(bp_now_ns() - 1, &left) == &left);
  CHECK_INT(left.tv_sec + left.tv_nsec, 0);
  CHECK(bp_deadline_left(bp_deadline_after(2500), &left) == &left);
  CHECK_INT(left.tv_sec, 2);
  CHECK_AT_MOST(left.tv_nsec, 500 * BP_NS_PER_MS);
  CHECK(bp_deadline_left(bp_deadline_after(100.0 * 365 * 86400 * 1000), &left) == &left);
  CHECK_INT(left.tv_sec, 86400); /* systems refuse a hundred years */
  CHECK_INT(left.tv_nsec, 0);
}

static void waiting_what_is_left_reaches_the_deadline(void) {
  const bp_deadline_ns deadline = bp_deadline_after(7.3);
  const struct stopwatch watch = stopwatch_start();
  pause_ms(bp_deadline_left_ms(deadline));
  CHECK(bp_deadline_passed(deadline));
  CHECK_AT_LEAST(stopwatch_ms(&watch), 7);
}

static const struct check_case cases[] = {
    CASE(nothing_and_less_is_at_once),
    CASE(infinity_and_the_huge_is_for_ever),
    CASE(a_hundred_years),
    CASE(milliseconds_left_are_rounded_up),
    CASE(a_fraction_is_not_at_once),
    CASE(the_past_has_passed),
    CASE(what_is_left_as_a_timespec),
    CASE(waiting_what_is_left_reaches_the_deadline),
};
CHECK_MAIN(cases)
