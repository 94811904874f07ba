#include "check.h"
#include "fixtures.h"

#include <errno.h>
#include <string.h>

static void check_family_of_each(const struct bp_address *addresses, int count, int family) {
  for (int i = 0; i < count; i++) {
    CHECK_INT(bp_address_family(addresses[i].host), family);
  }
}

static void localhost(void) {
  struct bp_address found[8];
  const int count = bp_resolve("localhost", 4, bp_deadline_after(PATIENCE_MS), NULL, found, 8);
  CHECK_AT_LEAST(count, 1);
  CHECK_AT_MOST(count, 8);
  check_family_of_each(found, count, 4);
  CHECK_TEXT(found[0].host, "127.0.0.1");
  CHECK_AT_LEAST(bp_resolve("localhost", 0, BP_FOREVER, NULL, found, 8), 1);
}

static void numeric(void) {
  struct bp_address found[2];
  CHECK_INT(bp_resolve("192.0.2.7", 0, bp_deadline_after(PATIENCE_MS), NULL, found, 2), 1);
  CHECK_TEXT(found[0].host, "192.0.2.7");
  CHECK_INT(bp_resolve("2001:db8::7", 6, bp_deadline_after(PATIENCE_MS), NULL, found, 2), 1);
  CHECK_TEXT(found[0].host, "2001:db8::7");
}

static void of_the_other_family_is_none(void) {
  struct bp_address found[2];
  CHECK_INT(bp_resolve("192.0.2.7", 6, bp_deadline_after(PATIENCE_MS), NULL, found, 2), 0);
}

static void capacity_is_kept_to(void) {
  struct bp_address found[2];
  memset(found, 'x', sizeof found);
  CHECK_INT(bp_resolve("localhost", 4, bp_deadline_after(PATIENCE_MS), NULL, found, 1), 1);
  CHECK_INT(found[1].host[0], 'x');
  CHECK_INT(bp_resolve("localhost", 4, bp_deadline_after(PATIENCE_MS), NULL, found, 0), 0);
}

/* Where there is no network the resolver may not know, or still be asking. */
static void nonsense_has_no_address(void) {
  struct bp_address found[2];
  const int count = bp_resolve("no such name.invalid", 0, bp_deadline_after(1000), NULL, found, 2);
  CHECK(count == 0 || count == -EAGAIN || count == -ETIMEDOUT);
}

static void a_very_long_name_is_survived(void) {
  static char name[70000];
  struct bp_address found[2];
  memset(name, 'a', sizeof name - 1);
  CHECK_AT_MOST(bp_resolve(name, 0, bp_deadline_after(PATIENCE_MS), NULL, found, 2), 0);
}

/* A thread that asks is sooner or later slower than the deadline. */
static void the_deadline_ends_it(void) {
  struct bp_address found[2];
  int late = 0;
  for (int i = 0; i < 20 || late == 0; i++) {
    const int count = bp_resolve("localhost", 4, BP_AT_ONCE, NULL, found, 2);
    CHECK(count == -ETIMEDOUT || count > 0);
    late += count == -ETIMEDOUT;
  }
  pause_ms(300); /* so that the threads free what they shared with the calls */
}

static const struct check_case cases[] = {
    CASE(localhost),
    CASE(numeric),
    CASE(of_the_other_family_is_none),
    CASE(capacity_is_kept_to),
    CASE(nonsense_has_no_address),
    CASE(a_very_long_name_is_survived),
    CASE(the_deadline_ends_it),
};
CHECK_MAIN(cases)
