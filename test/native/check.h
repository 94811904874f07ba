/*
 * Checks for the tests of the engine. A test program is a list of named cases. Each case runs in a
 * process of its own: so it begins with fresh descriptors, signals and limits, a crash or a hang
 * fails it alone, and the leak detector looks at it alone. It must leave as many descriptors open
 * as it found.
 *
 * A program takes the names of the cases to run as its arguments; without any it runs all.
 */
#ifndef BIPOLL_CHECK_H
#define BIPOLL_CHECK_H

#include "engine.h"

struct check_case {
  const char *name;
  void (*run)(void);
  void (*run_on)(const char *backend); /* instead of run: once for each backend */
  bool is_of_pumps;                    /* and once for each pump that has a name */
};

#define CASE(function)                                                                             \
  { .name = #function, .run = (function) }
#define CASE_ON_BACKENDS(function)                                                                 \
  { .name = #function, .run_on = (function) }
#define CASE_ON_PUMPS(function)                                                                    \
  { .name = #function, .run_on = (function), .is_of_pumps = true }

#define CHECK_MAIN(cases)                                                                          \
  int main(int argc, char **argv) {                                                                \
    return check_main(argc, argv, cases, sizeof(cases) / sizeof((cases)[0]));                      \
  }

int check_main(int argc, char **argv, const struct check_case *cases, size_t count);

/* Where a check stands in the source, and what it says there. */
struct check_place {
  const char *file;
  int line;
  const char *text;
};

#define CHECK_PLACE(said)                                                                          \
  (struct check_place) {                                                                           \
    .file = __FILE__, .line = __LINE__, .text = (said)                                             \
  }

/* A check that fails ends its case; those that compare print both values. */
#define CHECK(condition) check_true((condition), CHECK_PLACE(#condition))
#define CHECK_INT(actual, expected)                                                                \
  check_int((int64_t)(actual), (int64_t)(expected), CHECK_PLACE(#actual " == " #expected))
#define CHECK_AT_LEAST(actual, least)                                                              \
  check_at_least((int64_t)(actual), (int64_t)(least), CHECK_PLACE(#actual " >= " #least))
#define CHECK_AT_MOST(actual, most)                                                                \
  check_at_most((int64_t)(actual), (int64_t)(most), CHECK_PLACE(#actual " <= " #most))
#define CHECK_TEXT(actual, expected)                                                               \
  check_text((actual), (expected), CHECK_PLACE(#actual " == " #expected))
/* A call that returns 0 or a negated errno. */
#define CHECK_OK(call) check_int((int64_t)(call), 0, CHECK_PLACE(#call " succeeds"))

void check_true(bool holds, struct check_place place);
void check_int(int64_t actual, int64_t expected, struct check_place place);
void check_at_least(int64_t actual, int64_t least, struct check_place place);
void check_at_most(int64_t actual, int64_t most, struct check_place place);
void check_text(const char *actual, const char *expected, struct check_place place);

/* Ends the case, which cannot run here. */
_Noreturn void check_skip(const char *reason);

/* How many descriptors this process has open. */
int check_count_descriptors(void);

#endif
