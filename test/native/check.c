#include "check.h"

#include "check_process.h"
#include "deadline.h"
#include "pump_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_SKIPPED 77
#define SETTLE_MS 60000 /* for what a thread that was left to itself has open */

/* ---- Checks ---- */

/* Not exit(): the leak detector would add what the broken-off case had not freed yet. */
static _Noreturn void fail(void) {
  (void)fflush(NULL);
  _Exit(1);
}

static void print_place(struct check_place place) {
  (void)fprintf(stderr, "    %s:%d: not so: %s\n", place.file, place.line, place.text);
}

static void print_value(const char *label, int64_t value) {
  (void)fprintf(stderr, "      %s: %" PRId64, label, value);
  if (value < 0 && value > -4096) {
    (void)fprintf(stderr, " (%s)", bp_error_name((int)value));
  }
  (void)fprintf(stderr, "\n");
}

static void check_values(bool holds, int64_t actual, const char *label, int64_t other,
                         struct check_place place) {
  if (!holds) {
    print_place(place);
    print_value("actual", actual);
    print_value(label, other);
    fail();
  }
}

void check_true(bool holds, struct check_place place) {
  if (!holds) {
    print_place(place);
    fail();
  }
}

void check_int(int64_t actual, int64_t expected, struct check_place place) {
  check_values(actual == expected, actual, "expected", expected, place);
}

void check_at_least(int64_t actual, int64_t least, struct check_place place) {
  check_values(actual >= least, actual, "at least", least, place);
}

void check_at_most(int64_t actual, int64_t most, struct check_place place) {
  check_values(actual <= most, actual, "at most", most, place);
}

void check_text(const char *actual, const char *expected, struct check_place place) {
  if (strcmp(actual, expected) != 0) {
    print_place(place);
    (void)fprintf(stderr, "      actual: \"%s\"\n      expected: \"%s\"\n", actual, expected);
    fail();
  }
}

void check_skip(const char *reason) {
  (void)printf("    skipped: %s\n", reason);
  (void)fflush(NULL);
  _Exit(EXIT_SKIPPED);
}

/* ---- Cases ---- */

static bool is_settled(int before) {
  const int now = check_count_descriptors();
  return now >= before && now <= before + LEFT_OPEN_MOST;
}

static void check_descriptors(int before) {
  const bp_deadline_ns deadline = bp_deadline_after(SETTLE_MS);
  while (!is_settled(before)) {
    if (bp_deadline_passed(deadline)) {
      CHECK_INT(check_count_descriptors(), before);
    }
    check_pause();
  }
}

void check_run_here(const struct check_case *each, const char *backend) {
  check_prepare();
  const int before = check_count_descriptors();
  if (backend) {
    each->run_on(backend);
  } else {
    each->run();
  }
  check_descriptors(before);
  exit(0); /* which lets the leak detector look */
}

struct outcome {
  int passed, skipped, failed;
};

static void run_case(const struct check_case *each, const char *backend, struct outcome *outcome) {
  const int64_t start = bp_now_ns();
  const int code = check_run_apart(each, backend);
  const char *verdict = code == 0 ? "ok" : code == EXIT_SKIPPED ? "skipped" : "FAILED";
  outcome->passed += code == 0;
  outcome->skipped += code == EXIT_SKIPPED;
  outcome->failed += code != 0 && code != EXIT_SKIPPED;
  (void)printf("%-7s %s%s%s (%d ms)", verdict, each->name, backend ? " on " : "",
               backend ? backend : "", (int)((bp_now_ns() - start) / BP_NS_PER_MS));
  if (code < 0) {
    (void)printf(": %s", check_reason(code));
  }
  (void)printf("\n");
}

static bool is_wanted(const char *name, int argc, char **argv) {
  bool wanted = argc < 2;
  for (int i = 1; i < argc; i++) {
    wanted = wanted || strcmp(name, argv[i]) == 0;
  }
  return wanted;
}

int check_main(int argc, char **argv, const struct check_case *cases, size_t count) {
  struct outcome outcome = {0};
  check_answer_call(argc, argv, cases, count);
  for (size_t i = 0; i < count; i++) {
    if (!is_wanted(cases[i].name, argc, argv)) {
      continue;
    }
    if (cases[i].run) {
      run_case(&cases[i], NULL, &outcome);
      continue;
    }
    for (const char *const *backend = bp_backends(); *backend; backend++) {
      run_case(&cases[i], *backend, &outcome);
    }
    for (const struct bp_pump_ops *const *pump = bp_pump_list; cases[i].is_of_pumps && *pump;
         pump++) {
      run_case(&cases[i], (*pump)->name, &outcome);
    }
  }
  (void)printf("%d passed, %d skipped, %d failed\n", outcome.passed, outcome.skipped,
               outcome.failed);
  if (outcome.failed) {
    return 1;
  }
  return outcome.passed ? 0 : EXIT_SKIPPED; /* nothing run at all is no success */
}
