#include "check.h"
#include "slots.h"

#include <errno.h>

#define MANY 5000
#define JAVASCRIPT_LIMIT (INT64_C(1) << 53)

static int items[MANY];

static void add_get_remove(void) {
  struct bp_slots table = {0};
  bp_token token = 0;
  CHECK(bp_slots_get(&table, 1) == NULL);
  CHECK_OK(bp_slots_add(&table, &items[0], &token));
  CHECK(token != 0);
  CHECK(bp_slots_get(&table, token) == &items[0]);
  CHECK(bp_slots_get(&table, token + 1) == NULL);
  CHECK(bp_slots_get(&table, 0) == NULL);
  CHECK(bp_slots_get(&table, UINT64_MAX) == NULL);
  bp_slots_remove(&table, token);
  CHECK(bp_slots_get(&table, token) == NULL);
  bp_slots_free(&table);
  CHECK(bp_slots_get(&table, token) == NULL);
}

static void stale_tokens_name_nothing(void) {
  struct bp_slots table = {0};
  bp_token first = 0;
  bp_token second = 0;
  CHECK_OK(bp_slots_add(&table, &items[0], &first));
  bp_slots_remove(&table, first);
  CHECK_OK(bp_slots_add(&table, &items[1], &second));
  CHECK(first != second);
  CHECK_INT(table.used, 1); /* the slot itself is used again */
  CHECK(bp_slots_get(&table, first) == NULL);
  bp_slots_remove(&table, first); /* which must not remove its successor */
  CHECK(bp_slots_get(&table, second) == &items[1]);
  bp_slots_free(&table);
}

static void removing_twice_is_harmless(void) {
  struct bp_slots table = {0};
  bp_token tokens[3];
  CHECK_OK(bp_slots_add(&table, &items[0], &tokens[0]));
  bp_slots_remove(&table, tokens[0]);
  bp_slots_remove(&table, tokens[0]);
  CHECK_OK(bp_slots_add(&table, &items[1], &tokens[1]));
  CHECK_OK(bp_slots_add(&table, &items[2], &tokens[2]));
  CHECK(bp_slots_get(&table, tokens[1]) == &items[1]);
  CHECK(bp_slots_get(&table, tokens[2]) == &items[2]);
  bp_slots_free(&table);
}

static void growth_keeps_all(void) {
  static bp_token tokens[MANY];
  struct bp_slots table = {0};
  for (size_t i = 0; i < MANY; i++) {
    CHECK_OK(bp_slots_add(&table, &items[i], &tokens[i]));
  }
  for (size_t i = 0; i < MANY; i++) {
    CHECK(bp_slots_get(&table, tokens[i]) == &items[i]);
  }
  for (size_t i = 0; i < MANY; i += 2) {
    bp_slots_remove(&table, tokens[i]);
  }
  for (size_t i = 0; i < MANY; i++) {
    CHECK(bp_slots_get(&table, tokens[i]) == (i % 2 ? &items[i] : NULL));
  }
  for (size_t i = 0; i < MANY; i += 2) {
    CHECK_OK(bp_slots_add(&table, &items[i], &tokens[i]));
  }
  CHECK_INT(table.used, MANY); /* all gaps were filled */
  bp_slots_free(&table);
}

static void next_visits_each_once(void) {
  struct bp_slots table = {0};
  bp_token tokens[10];
  uint32_t position = 0;
  CHECK(bp_slots_next(&table, &position) == NULL);
  for (size_t i = 0; i < 10; i++) {
    CHECK_OK(bp_slots_add(&table, &items[i], &tokens[i]));
  }
  bp_slots_remove(&table, tokens[0]);
  bp_slots_remove(&table, tokens[9]);
  int visits = 0;
  position = 0;
  while (bp_slots_next(&table, &position)) {
    visits++;
  }
  CHECK_INT(visits, 8);
  bp_slots_free(&table);
}

static void items_may_go_while_visited(void) {
  struct bp_slots table = {0};
  bp_token tokens[10];
  uint32_t position = 0;
  int visits = 0;
  for (size_t i = 0; i < 10; i++) {
    CHECK_OK(bp_slots_add(&table, &items[i], &tokens[i]));
  }
  const int *item = NULL;
  while ((item = bp_slots_next(&table, &position))) {
    bp_slots_remove(&table, tokens[item - items]);
    visits++;
  }
  CHECK_INT(visits, 10);
  bp_slots_free(&table);
}

static void tokens_fit_in_javascript_numbers(void) {
  struct bp_slots table = {0};
  bp_token token = 0;
  bp_token before = 0;
  for (int i = 0; i < 100000; i++) {
    CHECK_OK(bp_slots_add(&table, &items[0], &token));
    CHECK(token != before);
    CHECK_AT_MOST(token, JAVASCRIPT_LIMIT - 1);
    before = token;
    bp_slots_remove(&table, token);
  }
  CHECK_INT(table.used, 1);
  bp_slots_free(&table);
}

/* As slots.c says: 22 bits of index, so that no more than four million. */
static void the_fullest_table_refuses_more(void) {
  struct bp_slots table = {0};
  bp_token token = 0;
  int error = 0;
  int64_t count = 0;
  while (!(error = bp_slots_add(&table, &items[0], &token))) {
    CHECK_AT_MOST(token, JAVASCRIPT_LIMIT - 1);
    count++;
  }
  CHECK_INT(error, -ENFILE);
  CHECK_AT_LEAST(count, 4000000);
  bp_slots_remove(&table, token); /* the last one's, as a refusal left it */
  CHECK_OK(bp_slots_add(&table, &items[0], &token));
  bp_slots_free(&table);
}

static const struct check_case cases[] = {
    CASE(add_get_remove),
    CASE(stale_tokens_name_nothing),
    CASE(removing_twice_is_harmless),
    CASE(growth_keeps_all),
    CASE(next_visits_each_once),
    CASE(items_may_go_while_visited),
    CASE(tokens_fit_in_javascript_numbers),
    CASE(the_fullest_table_refuses_more),
};
CHECK_MAIN(cases)
