/* The backends by themselves, through the table that each supplies. */
#include "await.h"
#include "backend.h"
#include "check.h"
#include "deadline.h"
#include "descriptor.h"
#include "fixtures.h"

#include <errno.h>
#include <stdlib.h>

#ifndef _WIN32
#include <fcntl.h>
#include <unistd.h>
#endif

/* One end of a pair in a backend; the other is the test's to act on. */
struct watched {
  struct bp_registration registration;
  int peer;
};

static const struct bp_backend_ops *ops;
static struct bp_backend *backend;

static void open_as(const char *name) {
  ops = bp_backend_find(name);
  CHECK(ops != NULL);
  CHECK_TEXT(ops->name, name);
  CHECK_OK(ops->open(&backend));
}

static void set(struct watched *watched, unsigned interest) {
  CHECK_OK(ops->set(backend, &watched->registration, interest));
  watched->registration.interest = interest;
}

static struct watched *watch(bp_token token, unsigned interest) {
  int fds[2];
  struct watched *watched = calloc(1, sizeof *watched);
  CHECK(watched != NULL);
  raw_pair(fds);
  watched->registration.fd = fds[0];
  watched->registration.token = token;
  watched->peer = fds[1];
  if (interest) {
    set(watched, interest);
  }
  return watched;
}

static void hang_up(struct watched *watched) {
  raw_hang_up(watched->peer);
  watched->peer = -1;
}

static void forget(struct watched *watched) {
  if (watched->registration.interest) {
    set(watched, 0);
  }
  bp_descriptor_close(watched->registration.fd);
  if (watched->peer >= 0) {
    hang_up(watched);
  }
  free(watched);
}

static void say(const struct watched *watched) {
  raw_say(watched->peer);
}

/* Waits for whatever there is: how many became ready. */
static int wait_for(struct bp_ready *ready, size_t capacity, double milliseconds) {
  const bp_deadline_ns deadline = bp_deadline_after(milliseconds);
  bool woken = false;
  int count = 0;
  do {
    count = ops->wait(backend, deadline, ready, capacity, &woken);
    CHECK(!woken);
  } while (count == 0 && !bp_deadline_passed(deadline)); /* a wait may end early */
  return count;
}

static void check_quiet(void) {
  struct bp_ready ready[4];
  CHECK_INT(wait_for(ready, 4, 5), 0);
}

static void check_one(bp_token token, unsigned readiness) {
  struct bp_ready ready[4];
  CHECK_INT(wait_for(ready, 4, PATIENCE_MS), 1);
  CHECK_INT(ready[0].token, token);
  CHECK_INT(ready[0].readiness, readiness);
}

static void found_by_name(const char *name) {
  CHECK_TEXT(bp_backend_find(name)->name, name);
  CHECK(bp_backend_find("nonsense") == NULL);
  CHECK(bp_backend_find("") == NULL);
  CHECK_TEXT(bp_backend_find(NULL)->name, bp_backends()[0]);
}

static void nothing_ready_lasts_until_the_deadline(const char *name) {
  struct bp_ready ready[1];
  open_as(name);
  struct watched *one = watch(7, BP_READINESS_READ);
  const struct stopwatch stopwatch = stopwatch_start();
  CHECK_INT(wait_for(ready, 1, MOMENT_MS), 0);
  CHECK_AT_LEAST(stopwatch_ms(&stopwatch), MOMENT_MS);
  CHECK_INT(ops->wait(backend, BP_AT_ONCE, ready, 1, &(bool){false}), 0);
  forget(one);
  ops->close(backend);
}

static void readiness_is_level_triggered(const char *name) {
  open_as(name);
  struct watched *one = watch(7, BP_READINESS_READ);
  check_quiet();
  say(one);
  check_one(7, BP_READINESS_READ);
  check_one(7, BP_READINESS_READ);
  raw_hear(one->registration.fd);
  check_quiet();
  forget(one);
  ops->close(backend);
}

static void interest_changes(const char *name) {
  open_as(name);
  struct watched *one = watch(7, BP_READINESS_READ);
  check_quiet();
  set(one, BP_READINESS_WRITE);
  check_one(7, BP_READINESS_WRITE);
  say(one);
  check_one(7, BP_READINESS_WRITE); /* there are bytes, but nobody asked for them */
  set(one, BP_READINESS_READ | BP_READINESS_WRITE);
  check_one(7, BP_READINESS_READ | BP_READINESS_WRITE);
  set(one, BP_READINESS_PEER_CLOSED);
  check_quiet();
  set(one, 0);
  check_quiet();
  set(one, BP_READINESS_READ);
  check_one(7, BP_READINESS_READ);
  forget(one);
  ops->close(backend);
}

static void a_look_finds_what_interest_has_just_come(const char *name) {
  struct bp_ready ready[2];
  open_as(name);
  struct watched *one = watch(7, BP_READINESS_READ);
  check_quiet();
  for (int round = 0; round < 3; round++) {
    set(one, BP_READINESS_READ | BP_READINESS_WRITE);
    CHECK_INT(ops->wait(backend, BP_AT_ONCE, ready, 2, &(bool){false}), 1);
    CHECK_INT(ready[0].readiness, BP_READINESS_WRITE);
    set(one, BP_READINESS_READ);
    CHECK_INT(ops->wait(backend, BP_AT_ONCE, ready, 2, &(bool){false}), 0);
  }
  forget(one);
  ops->close(backend);
}

static void the_end_of_a_peer(const char *name) {
  open_as(name);
  struct watched *reader = watch(7, BP_READINESS_READ);
  raw_end(reader->peer);
  check_one(7, BP_READINESS_READ | BP_READINESS_PEER_CLOSED);
  check_one(7, BP_READINESS_READ | BP_READINESS_PEER_CLOSED);
  set(reader, BP_READINESS_PEER_CLOSED);
  if (tells_end_behind_bytes(name)) {
    check_one(7, BP_READINESS_PEER_CLOSED);
    check_one(7, BP_READINESS_PEER_CLOSED);
  }
  forget(reader);
  ops->close(backend);
}

static void a_hang_up_is_reported_unasked(const char *name) {
  struct bp_ready ready[2];
  open_as(name);
  struct watched *one = watch(7, BP_READINESS_WRITE);
  hang_up(one);
  CHECK_INT(wait_for(ready, 2, PATIENCE_MS), 1);
  CHECK_INT(ready[0].readiness & BP_READINESS_HUNG_UP, BP_READINESS_HUNG_UP);
  forget(one);
  ops->close(backend);
}

static void without_interest_not_even_a_hang_up(const char *name) {
  open_as(name);
  struct watched *dropped = watch(7, BP_READINESS_READ | BP_READINESS_WRITE);
  struct watched *never = watch(8, 0);
  set(dropped, 0);
  hang_up(dropped);
  hang_up(never);
  check_quiet();
  forget(dropped);
  forget(never);
  ops->close(backend);
}

#ifndef _WIN32

static void a_closed_descriptor_with_a_copy_is_gone(const char *name) {
  open_as(name);
  struct watched *one = watch(7, BP_READINESS_READ);
  const int copy = dup(one->registration.fd);
  say(one);
  set(one, 0);
  forget(one);
  check_quiet(); /* though the copy is readable */
  close(copy);
  ops->close(backend);
}

#endif

static void an_unusable_descriptor_is_an_error(const char *name) {
  struct bp_registration registration = {.fd = -1, .token = 7};
  open_as(name);
  const int error = ops->set(backend, &registration, BP_READINESS_READ);
  if (error) { /* poll(2) just skips it */
    CHECK_INT(error, -EBADF);
  }
  check_quiet();
  ops->close(backend);
}

#define CROWD 100

static void add_and_remove_in_any_order(const char *name) {
  struct watched *crowd[CROWD];
  struct bp_ready ready[CROWD];
  open_as(name);
  for (size_t i = 0; i < CROWD; i++) {
    crowd[i] = watch(i + 1, BP_READINESS_READ);
    say(crowd[i]);
  }
  /* The first, the last and from the middle: 37 shares no factor with 100, so it visits all. */
  for (size_t gone = 0; gone < CROWD; gone++) {
    const size_t index = (gone * 37) % CROWD;
    forget(crowd[index]);
    crowd[index] = NULL;
    const int count = wait_for(ready, CROWD, 0);
    CHECK_INT(count, CROWD - gone - 1);
    for (int i = 0; i < count; i++) {
      CHECK(crowd[ready[i].token - 1] != NULL);
    }
  }
  ops->close(backend);
}

/* How many waits of that capacity until each of the crowd had its turn. */
static int waits_until_all_seen(size_t capacity) {
  bool seen[CROWD] = {false};
  struct bp_ready ready[CROWD];
  size_t left = CROWD;
  int waits = 0;
  for (; left > 0 && waits < 10 * CROWD; waits++) {
    const int count = wait_for(ready, capacity, PATIENCE_MS);
    CHECK_INT(count, capacity);
    for (int i = 0; i < count; i++) {
      left -= !seen[ready[i].token - 1];
      seen[ready[i].token - 1] = true;
    }
  }
  return waits;
}

static void turns_are_fair_in_a_small_batch(const char *name) {
  struct watched *crowd[CROWD];
  open_as(name);
  for (size_t i = 0; i < CROWD; i++) {
    crowd[i] = watch(i + 1, BP_READINESS_READ);
    say(crowd[i]);
  }
  CHECK_INT(waits_until_all_seen(1), CROWD);
  CHECK_INT(waits_until_all_seen(10), CROWD / 10);
  CHECK_AT_MOST(waits_until_all_seen(7), CROWD / 7 + 2);
  for (size_t i = 0; i < CROWD; i++) {
    forget(crowd[i]);
  }
  ops->close(backend);
}

static void check_woken(bool expected) {
  struct bp_ready ready[1];
  bool woken = false;
  CHECK_INT(ops->wait(backend, bp_deadline_after(expected ? PATIENCE_MS : 5), ready, 1, &woken), 0);
  CHECK_INT(woken, expected);
}

static void *wake_later(void *unused) {
  (void)unused;
  pause_ms(20);
  ops->wake(backend);
  return NULL;
}

static void wake_ends_a_wait(const char *name) {
  open_as(name);
  ops->wake(backend); /* before the wait: kept for it */
  check_woken(true);
  check_woken(false);
  ops->wake(backend);
  ops->wake(backend); /* as one */
  check_woken(true);
  check_woken(false);
  const pthread_t thread = thread_start(wake_later, NULL);
  check_woken(true);
  thread_join(thread);
  ops->wake(backend); /* pending at the close */
  ops->close(backend);
}

static void wake_comes_beside_readiness(const char *name) {
  struct bp_ready ready[4];
  bool woken = false;
  open_as(name);
  struct watched *one = watch(7, BP_READINESS_READ);
  say(one);
  ops->wake(backend);
  CHECK_INT(ops->wait(backend, bp_deadline_after(PATIENCE_MS), ready, 4, &woken), 1);
  CHECK_INT(ready[0].token, 7);
  CHECK(woken);
  forget(one);
  ops->close(backend);
}

static void a_signal_interrupts(const char *name) {
  struct bp_ready ready[1];
  bool woken = false;
  open_as(name);
  ticking_start(20);
  CHECK_INT(ops->wait(backend, bp_deadline_after(PATIENCE_MS), ready, 1, &woken), -EINTR);
  ticking_stop();
  CHECK(!woken);
  ops->close(backend);
}

#ifndef _WIN32

/* All that a backend opens is close-on-exec: found by looking at what is new. */
static void its_descriptors_are_close_on_exec(const char *name) {
  bool before[256];
  for (int fd = 0; fd < 256; fd++) {
    before[fd] = fcntl(fd, F_GETFD) >= 0;
  }
  open_as(name);
  int opened = 0;
  for (int fd = 0; fd < 256; fd++) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags >= 0 && !before[fd]) {
      CHECK_INT(flags & FD_CLOEXEC, FD_CLOEXEC);
      opened++;
    }
  }
  CHECK_AT_LEAST(opened, 1);
  ops->close(backend);
}

#endif

static void *park_until_readable(void *argument) {
  const struct watched *watched = argument;
  struct bp_awaited entry = {.fd = watched->registration.fd, .interest = BP_READINESS_READ};
  do {
    ops->park(backend);
  } while (bp_await(&entry, 1, BP_AT_ONCE) == 0);
  return NULL;
}

/* Also if a wait comes between, which must not take away what would have told the thread. */
static void a_parked_thread_hears_of_what_is_added(const char *name) {
  open_as(name);
  for (int round = 0; round < 300; round++) {
    struct watched *one = watch(7, 0);
    const pthread_t thread = thread_start(park_until_readable, one);
    if (round % 2) {
      pause_ms(1); /* for it to be parked */
    }
    set(one, BP_READINESS_READ);
    (void)ops->wait(backend, BP_AT_ONCE, &(struct bp_ready){0}, 1, &(bool){false});
    say(one);
    thread_join(thread);
    forget(one);
  }
  ops->close(backend);
}

/* Nor does a wait that told the owner keep it from the thread: it is still so. */
static void a_parked_thread_hears_of_what_a_wait_told(const char *name) {
  open_as(name);
  for (int round = 0; round < 300; round++) {
    struct watched *one = watch(7, BP_READINESS_READ);
    const pthread_t thread = thread_start(park_until_readable, one);
    if (round % 2) {
      pause_ms(1); /* for it to be parked */
    }
    say(one);
    check_one(7, BP_READINESS_READ);
    thread_join(thread);
    forget(one);
  }
  ops->close(backend);
}

static const struct check_case cases[] = {
    CASE_ON_BACKENDS(found_by_name),
    CASE_ON_BACKENDS(nothing_ready_lasts_until_the_deadline),
    CASE_ON_BACKENDS(readiness_is_level_triggered),
    CASE_ON_BACKENDS(interest_changes),
    CASE_ON_BACKENDS(a_look_finds_what_interest_has_just_come),
    CASE_ON_BACKENDS(the_end_of_a_peer),
    CASE_ON_BACKENDS(a_hang_up_is_reported_unasked),
    CASE_ON_BACKENDS(without_interest_not_even_a_hang_up),
#ifndef _WIN32 /* descriptors have copies, and are inherited, in other ways there */
    CASE_ON_BACKENDS(a_closed_descriptor_with_a_copy_is_gone),
    CASE_ON_BACKENDS(its_descriptors_are_close_on_exec),
#endif
    CASE_ON_BACKENDS(an_unusable_descriptor_is_an_error),
    CASE_ON_BACKENDS(add_and_remove_in_any_order),
    CASE_ON_BACKENDS(turns_are_fair_in_a_small_batch),
    CASE_ON_BACKENDS(wake_ends_a_wait),
    CASE_ON_BACKENDS(wake_comes_beside_readiness),
    CASE_ON_BACKENDS(a_signal_interrupts),
    CASE_ON_BACKENDS(a_parked_thread_hears_of_what_is_added),
    CASE_ON_BACKENDS(a_parked_thread_hears_of_what_a_wait_told),
};
CHECK_MAIN(cases)
