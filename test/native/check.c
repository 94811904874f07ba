#include "check.h"

#include "deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CASE_LIMIT_S 30
#define EXIT_SKIPPED 77
#define MAX_DESCRIPTOR 8192
#define SETTLE_MS 2000 /* for what a thread that was left to itself has open */

/* ---- Checks ---- */

/* Not exit(): the leak detector would add what the broken-off case had not freed yet. */
static _Noreturn void fail(void) {
  (void)fflush(NULL);
  _exit(1);
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
  _exit(EXIT_SKIPPED);
}

int check_count_descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < MAX_DESCRIPTOR; fd++) {
    count += fcntl(fd, F_GETFD) >= 0;
  }
  return count;
}

/* ---- Cases ---- */

static void check_descriptors(int before) {
  const bp_deadline_ns deadline = bp_deadline_after(SETTLE_MS);
  while (check_count_descriptors() != before && !bp_deadline_passed(deadline)) {
    poll(NULL, 0, 10);
  }
  CHECK_INT(check_count_descriptors(), before);
}

static _Noreturn void run_here(const struct check_case *each, const char *backend) {
  const int before = check_count_descriptors();
  alarm(CASE_LIMIT_S);
  if (backend) {
    each->run_on(backend);
  } else {
    each->run();
  }
  check_descriptors(before);
  exit(0); /* which lets the leak detector look */
}

/* Returns the exit code of the case, negative if a signal ended it. */
static int run_apart(const struct check_case *each, const char *backend) {
  int status = 0;
  (void)fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    run_here(each, backend);
  }
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child < 0) {
    return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

struct outcome {
  int passed, skipped, failed;
};

static void run_case(const struct check_case *each, const char *backend, struct outcome *outcome) {
  const int64_t start = bp_now_ns();
  const int code = run_apart(each, backend);
  const char *verdict = code == 0 ? "ok" : code == EXIT_SKIPPED ? "skipped" : "FAILED";
  outcome->passed += code == 0;
  outcome->skipped += code == EXIT_SKIPPED;
  outcome->failed += code != 0 && code != EXIT_SKIPPED;
  (void)printf("%-7s %s%s%s (%d ms)", verdict, each->name, backend ? " on " : "",
               backend ? backend : "", (int)((bp_now_ns() - start) / BP_NS_PER_MS));
  if (code < 0) {
    (void)printf(": %s", strsignal(-code));
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
  }
  (void)printf("%d passed, %d skipped, %d failed\n", outcome.passed, outcome.skipped,
               outcome.failed);
  if (outcome.failed) {
    return 1;
  }
  return outcome.passed ? 0 : EXIT_SKIPPED; /* nothing run at all is no success */
}
