/* The backend for Windows, over sockets: what the kernel owns while it is asked to poll them. */
#include "await.h"
#include "backend.h"
#include "check.h"
#include "deadline.h"
#include "descriptor.h"
#include "fixtures.h"
#include "net.h"
#include "poison.h"
#include "poller.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#define ROUNDS 2000
#define MANY 1100 /* sockets: many more than AFD is given on one handle */

static struct bp_poller *poller;

static void open_on(const char *backend) {
  CHECK_OK(bp_poller_open(backend, &poller));
}

static void monitor(struct bp_socket *socket, unsigned events, uint64_t tag) {
  CHECK_OK(bp_poller_monitor(poller, socket, events, tag));
}

static void check_nothing(void) {
  struct bp_occurrence out[4];
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, out, 4), 0);
}

static void check_occurs(uint64_t tag, unsigned events) {
  struct bp_occurrence out[4];
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, out, 4), 1);
  CHECK_INT(out[0].tag, tag);
  CHECK_INT(out[0].events, events);
}

/* ---- Memory that the kernel has given back ---- */

#ifndef NDEBUG

static struct kept {
  unsigned char *memory;
  size_t size;
} kept[4 * ROUNDS];
static size_t kept_count;

static void keep(void *memory, size_t size) {
  CHECK(kept_count < sizeof kept / sizeof kept[0]);
  kept[kept_count++] = (struct kept){memory, size};
}

static void keep_what_is_freed(void) {
  bp_keep_poisoned = keep;
}

/* Nothing was written to it since. */
static void check_what_was_freed(size_t least) {
  pause_ms(MOMENT_MS);
  CHECK_AT_LEAST(kept_count, least);
  for (size_t i = 0; i < kept_count; i++) {
    for (size_t j = 0; j < kept[i].size; j++) {
      CHECK_INT(kept[i].memory[j], BP_POISON);
    }
    free(kept[i].memory);
  }
  bp_keep_poisoned = NULL;
}

#else

static void keep_what_is_freed(void) {
  check_skip("only debug builds keep what is freed");
}

static void check_what_was_freed(size_t least) {
  (void)least;
}

#endif

/* ---- Closing with operations pending ---- */

/* One after the other, so that a packet which is late meets the memory of another. */
static void sockets_close_with_operations_pending(const char *backend) {
  struct bp_socket *pair[2];
  open_on(backend);
  keep_what_is_freed();
  for (int round = 0; round < ROUNDS; round++) {
    tcp_pair(pair);
    monitor(pair[0], BP_EVENT_DATA_AVAILABLE, 1);
    monitor(pair[1], BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED, 2);
    check_nothing();
    if (round % 3 == 1) {
      write_all(pair[1], "x", 1); /* the packet may be there, or not yet */
    } else if (round % 3 == 2) {
      monitor(pair[0], BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE,
              1); /* begun anew at the next wait */
    }
    close_with_reset(pair[0]);
    close_with_reset(pair[1]);
  }
  check_nothing();
  bp_poller_close(poller);
  check_what_was_freed(2 * ROUNDS);
}

static void pollers_close_with_operations_pending(const char *backend) {
  struct bp_socket *pair[2];
  char byte = 0;
  tcp_pair(pair);
  keep_what_is_freed();
  for (int round = 0; round < ROUNDS; round++) {
    open_on(backend);
    monitor(pair[0], BP_EVENT_DATA_AVAILABLE, 1);
    monitor(pair[1], BP_EVENT_REMOTE_DISCONNECTED, 2);
    if (round % 4) { /* else they were never submitted */
      check_nothing();
    }
    if (round % 2) {
      write_all(pair[1], "x", 1);
    }
    bp_poller_close(poller);
    if (round % 2) {
      read_all(pair[0], &byte, 1);
    }
  }
  check_what_was_freed(2 * ROUNDS);
  close_pair(pair);
}

/* ---- Closed past the engine ---- */

static const struct bp_backend_ops *ops;
static struct bp_backend *below;

static void check_hung_up(bp_token token, unsigned interest) {
  struct bp_ready ready[2];
  bool woken = false;
  CHECK_INT(ops->wait(below, bp_deadline_after(PATIENCE_MS), ready, 2, &woken), 1);
  CHECK_INT(ready[0].token, token);
  CHECK_INT(ready[0].readiness,
            interest | BP_READINESS_PEER_CLOSED | BP_READINESS_HUNG_UP | BP_READINESS_ERROR);
}

static void a_socket_that_was_closed_past_it_is_told_of(const char *backend) {
  int fds[2];
  ops = bp_backend_find(backend);
  CHECK_OK(ops->open(&below));
  raw_pair(fds);
  struct bp_registration pending = {.fd = fds[0], .token = 7};
  CHECK_OK(ops->set(below, &pending, BP_READINESS_READ));
  pending.interest = BP_READINESS_READ;
  CHECK_INT(ops->wait(below, BP_AT_ONCE, &(struct bp_ready){0}, 1, &(bool){false}), 0);
  struct bp_registration due = {.fd = fds[1], .token = 8};
  closesocket(BP_NET(fds[0])); /* while it is polled */
  check_hung_up(7, BP_READINESS_READ);
  check_hung_up(7, BP_READINESS_READ); /* and when it is to be polled again */
  CHECK_OK(ops->set(below, &pending, 0));
  CHECK_OK(ops->set(below, &due, BP_READINESS_READ));
  due.interest = BP_READINESS_READ;
  closesocket(BP_NET(fds[1])); /* before it was polled */
  check_hung_up(8, BP_READINESS_READ);
  CHECK_OK(ops->set(below, &due, 0));
  struct bp_registration late = {.fd = fds[1], .token = 9};
  CHECK_INT(ops->set(below, &late, BP_READINESS_READ), -EBADF);
  ops->close(below);
}

static void a_wait_for_a_few_tells_of_it_as_well(void) {
  int fds[2];
  int other[2];
  raw_pair(fds);
  raw_pair(other);
  struct bp_awaited entries[] = {
      {.fd = other[0], .interest = BP_READINESS_READ},
      {.fd = fds[0], .interest = BP_READINESS_READ},
  };
  raw_hang_up(fds[0]);
  CHECK_INT(bp_await(entries, 2, bp_deadline_after(PATIENCE_MS)), 1);
  CHECK_INT(entries[0].readiness, 0);
  CHECK_INT(entries[1].readiness, BP_READINESS_READ | BP_READINESS_PEER_CLOSED |
                                      BP_READINESS_HUNG_UP | BP_READINESS_ERROR);
  CHECK_INT(bp_await(entries + 1, 1, BP_FOREVER), 1);
  raw_say(other[1]);
  entries[1].fd = -1;
  CHECK_INT(bp_await(entries, 2, BP_FOREVER), 1);
  CHECK_INT(entries[0].readiness, BP_READINESS_READ);
  raw_hang_up(fds[1]);
  raw_hang_up(other[0]);
  raw_hang_up(other[1]);
}

/* Who monitors it does not spin on it. */
static void what_was_closed_past_a_poller_is_over(const char *backend) {
  struct bp_socket *pair[2];
  char byte = 0;
  open_on(backend);
  tcp_pair(pair);
  monitor(pair[0], BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED, 1);
  check_nothing();
  closesocket(BP_NET(bp_socket_fd(pair[0])));
  check_occurs(1, BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(bp_socket_read(pair[0], &byte, 1, false), -EBADF);
  monitor(pair[0], BP_EVENT_DATA_AVAILABLE, 1);
  const struct stopwatch watch = stopwatch_start();
  struct bp_occurrence out[1];
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(MOMENT_MS), NULL, out, 1), 0);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), MOMENT_MS / 2);
  close_pair(pair);
  bp_poller_close(poller);
}

/* ---- Many, and more than one poller ---- */

static void more_sockets_than_one_handle_takes(const char *backend) {
  static struct bp_socket *pairs[MANY][2];
  static bool seen[MANY];
  static struct bp_occurrence out[MANY];
  open_on(backend);
  struct bp_socket *server = tcp_server("127.0.0.1");
  for (size_t i = 0; i < MANY; i++) {
    pairs[i][0] = tcp_client(server);
    pairs[i][1] = accept_one(server);
    monitor(pairs[i][1], BP_EVENT_DATA_AVAILABLE, i);
  }
  check_nothing();
  for (size_t i = 0; i < MANY; i += 2) {
    write_all(pairs[i][0], "x", 1);
  }
  size_t left = (MANY + 1) / 2;
  while (left > 0) {
    const int count = bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, out, MANY);
    CHECK_AT_LEAST(count, 1);
    for (int i = 0; i < count; i++) {
      CHECK_INT(out[i].tag % 2, 0);
      CHECK(!seen[out[i].tag]);
      seen[out[i].tag] = true;
      read_all(pairs[out[i].tag][1], &(char){0}, 1);
    }
    left -= (size_t)count;
  }
  check_nothing();
  for (size_t i = 0; i < MANY; i++) {
    close_with_reset(pairs[i][0]);
    bp_socket_close(pairs[i][1]);
  }
  bp_socket_close(server);
  bp_poller_close(poller);
}

static void a_socket_in_two_pollers(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_poller *first = NULL;
  struct bp_poller *second = NULL;
  open_on(backend);
  first = poller;
  open_on(backend);
  second = poller;
  tcp_pair(pair);
  for (int round = 0; round < 3; round++) {
    poller = first;
    monitor(pair[0], BP_EVENT_DATA_AVAILABLE, 1);
    check_nothing();
    poller = second;
    monitor(pair[0], BP_EVENT_DATA_AVAILABLE, 2);
    check_nothing();
    write_all(pair[1], "x", 1);
    check_occurs(2, BP_EVENT_DATA_AVAILABLE);
    poller = first;
    check_occurs(1, BP_EVENT_DATA_AVAILABLE);
    CHECK_OK(bp_poller_unmonitor(first, pair[0]));
    check_nothing();
    poller = second;
    check_occurs(2, BP_EVENT_DATA_AVAILABLE);
    read_all(pair[0], &(char){0}, 1);
    check_nothing();
  }
  close_pair(pair);
  bp_poller_close(first);
  bp_poller_close(second);
}

/* ---- A thread that is parked ---- */

static void *count_parkings(void *count) {
  for (int i = 0; i < 3; i++) {
    bp_poller_park(poller);
    atomic_fetch_add((atomic_int *)count, 1);
  }
  return NULL;
}

static void wait_for_parkings(atomic_int *count, int least) {
  const struct stopwatch watch = stopwatch_start();
  while (atomic_load(count) < least) {
    CHECK_AT_MOST(stopwatch_ms(&watch), PATIENCE_MS);
    pause_ms(1);
  }
}

static void a_parked_thread_hears_of_what_is_added(const char *backend) {
  struct bp_socket *pair[2];
  atomic_int count = 0;
  open_on(backend);
  tcp_pair(pair);
  const pthread_t thread = thread_start(count_parkings, &count);
  pause_ms(MOMENT_MS);
  CHECK_INT(atomic_load(&count), 0);
  monitor(pair[0], BP_EVENT_READY_TO_WRITE, 1);
  wait_for_parkings(&count, 3); /* for as long as nobody takes it */
  thread_join(thread);
  check_occurs(1, BP_EVENT_READY_TO_WRITE);
  close_pair(pair);
  bp_poller_close(poller);
}

static const struct check_case cases[] = {
    CASE_ON_BACKENDS(sockets_close_with_operations_pending),
    CASE_ON_BACKENDS(pollers_close_with_operations_pending),
    CASE_ON_BACKENDS(a_socket_that_was_closed_past_it_is_told_of),
    CASE(a_wait_for_a_few_tells_of_it_as_well),
    CASE_ON_BACKENDS(what_was_closed_past_a_poller_is_over),
    CASE_ON_BACKENDS(more_sockets_than_one_handle_takes),
    CASE_ON_BACKENDS(a_socket_in_two_pollers),
    CASE_ON_BACKENDS(a_parked_thread_hears_of_what_is_added),
};
CHECK_MAIN(cases)
