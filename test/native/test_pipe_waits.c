/* Waiting for named pipes, a few or in pollers: beside sockets, and until they are gone. */
#include "check.h"
#include "deadline.h"
#include "fixtures.h"
#include "fixtures_pipes.h"
#include "poller.h"

#include <stdatomic.h>
#include <windows.h>

#define ROUNDS 2000

/* ---- Waiting for a few ---- */

struct later {
  struct bp_socket *socket;
  int after_ms;
};

static void *write_later(void *argument) {
  const struct later *later = argument;
  pause_ms(later->after_ms);
  write_all(later->socket, "x", 1);
  return NULL;
}

static void a_pipe_and_a_socket_in_one_wait(void) {
  struct bp_socket *pipes[2];
  struct bp_socket *sockets[2];
  pipe_pair(pipes);
  tcp_pair(sockets);
  struct bp_query queries[] = {{.socket = pipes[0], .events = BP_EVENT_DATA_AVAILABLE},
                               {.socket = sockets[0], .events = BP_EVENT_DATA_AVAILABLE}};
  CHECK_INT(bp_poll(queries, 2, BP_AT_ONCE, NULL), 0);
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_poll(queries, 2, bp_deadline_after(MOMENT_MS), NULL), 0);
  CHECK_AT_LEAST(stopwatch_ms(&watch), MOMENT_MS);
  for (int i = 0; i < 10; i++) {
    const int written = i % 2;
    char byte = 0;
    struct later later = {.socket = written ? sockets[1] : pipes[1], .after_ms = i % 4 * 5};
    const pthread_t writer = thread_start(write_later, &later);
    CHECK_INT(bp_poll(queries, 2, bp_deadline_after(PATIENCE_MS), NULL), 1);
    CHECK_INT(queries[written].holds, BP_EVENT_DATA_AVAILABLE);
    CHECK_INT(queries[1 - written].holds, 0);
    CHECK_INT(bp_poll(queries, 2, BP_FOREVER, NULL), 1);
    read_all(queries[written].socket, &byte, 1);
    thread_join(writer);
  }
  write_all(pipes[1], "x", 1);
  write_all(sockets[1], "x", 1);
  await(sockets[0], BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(bp_poll(queries, 2, BP_FOREVER, NULL), 2);
  close_pair(pipes);
  close_pair(sockets);
}

enum { MANY = 100 };

static void more_pipes_in_one_wait_than_windows_waits_for(void) {
  static struct bp_socket *pairs[MANY][2];
  static struct bp_query queries[MANY];
  for (int i = 0; i < MANY; i++) {
    local_pair(pairs[i]);
    queries[i] = (struct bp_query){.socket = pairs[i][0], .events = BP_EVENT_DATA_AVAILABLE};
  }
  CHECK_INT(bp_poll(queries, MANY, BP_AT_ONCE, NULL), 0);
  struct later later = {.socket = pairs[MANY - 1][1], .after_ms = 20};
  const pthread_t writer = thread_start(write_later, &later);
  CHECK_INT(bp_poll(queries, MANY, bp_deadline_after(PATIENCE_MS), NULL), 1);
  CHECK_INT(queries[MANY - 1].holds, BP_EVENT_DATA_AVAILABLE);
  thread_join(writer);
  for (int i = 0; i < MANY; i++) {
    close_pair(pairs[i]);
  }
}

static void *close_later(void *argument) {
  const struct later *later = argument;
  pause_ms(later->after_ms);
  bp_socket_close(later->socket);
  return NULL;
}

static void a_wait_ends_with_the_peer(void) {
  struct bp_socket *pair[2];
  char byte = 0;
  pipe_pair(pair);
  struct later later = {.socket = pair[1], .after_ms = 20};
  const pthread_t closer = thread_start(close_later, &later);
  CHECK_INT(bp_socket_read_wait(pair[0], &byte, 1, bp_deadline_after(PATIENCE_MS), NULL), BP_END);
  thread_join(closer);
  bp_socket_close(pair[0]);
}

static void unread_bytes_do_not_keep_who_waits_for_the_end_busy(void) {
  struct bp_socket *pair[2];
  pipe_pair(pair);
  write_all(pair[1], "x", 1);
  struct bp_query query = {.socket = pair[0], .events = BP_EVENT_REMOTE_DISCONNECTED};
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_poll(&query, 1, bp_deadline_after(10 * MOMENT_MS), NULL), 0);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), 2 * MOMENT_MS);
  close_pair(pair);
}

static void wait_beside_a_connection_that_is_retried(void) {
  const char *name = pipe_name();
  struct bp_socket *pair[2];
  struct bp_socket *server = serve_with(name, 1);
  struct bp_socket *first = pipe_client(name);
  struct bp_socket *second = pipe_client(name);
  local_pair(pair);
  struct bp_query queries[] = {{.socket = second, .events = BP_EVENT_DETERMINED},
                               {.socket = pair[0], .events = BP_EVENT_DATA_AVAILABLE}};
  CHECK_INT(bp_poll(queries, 2, bp_deadline_after(MOMENT_MS), NULL), 0);
  bp_socket_close(accept_one(server));
  CHECK_INT(bp_poll(queries, 2, bp_deadline_after(PATIENCE_MS), NULL), 1);
  CHECK_INT(queries[0].holds, BP_EVENT_DETERMINED);
  close_pair(pair);
  bp_socket_close(second);
  bp_socket_close(first);
  bp_socket_close(server);
}

/* ---- Pollers ---- */

static unsigned wait_one(struct bp_poller *poller, int milliseconds) {
  struct bp_occurrence occurrence = {0};
  const int count = bp_poller_wait(poller, bp_deadline_after(milliseconds), NULL, &occurrence, 1);
  CHECK_AT_LEAST(count, 0);
  return count ? occurrence.events : 0;
}

static struct bp_poller *poller_on(const char *backend, struct bp_socket *socket, unsigned events) {
  struct bp_poller *poller = NULL;
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, socket, events, 7));
  return poller;
}

static void a_poller_reports_at_each_wait_what_is_so(const char *backend) {
  struct bp_socket *pair[2];
  char byte = 0;
  pipe_pair(pair);
  struct bp_poller *poller =
      poller_on(backend, pair[0], BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(wait_one(poller, MOMENT_MS), 0);
  write_all(pair[1], "xy", 2);
  for (int i = 0; i < 3; i++) {
    CHECK_INT(wait_one(poller, PATIENCE_MS), BP_EVENT_DATA_AVAILABLE);
  }
  read_all(pair[0], &byte, 1);
  CHECK_INT(wait_one(poller, PATIENCE_MS), BP_EVENT_DATA_AVAILABLE);
  read_all(pair[0], &byte, 1);
  CHECK_INT(wait_one(poller, MOMENT_MS), 0);
  CHECK_OK(bp_poller_monitor(poller, pair[0], BP_EVENT_READY_TO_WRITE, 7));
  for (int i = 0; i < 3; i++) {
    CHECK_INT(wait_one(poller, PATIENCE_MS), BP_EVENT_READY_TO_WRITE);
  }
  const size_t taken = fill(pair[0]);
  CHECK_INT(wait_one(poller, MOMENT_MS), 0);
  read_pattern(pair[1], 0, taken);
  CHECK_INT(wait_one(poller, PATIENCE_MS), BP_EVENT_READY_TO_WRITE);
  CHECK_OK(bp_poller_monitor(poller, pair[0],
                             BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED, 7));
  write_all(pair[1], "z", 1);
  bp_socket_close(pair[1]);
  CHECK_INT(wait_one(poller, PATIENCE_MS), BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED);
  read_all(pair[0], &byte, 1);
  for (int i = 0; i < 3; i++) {
    CHECK_INT(wait_one(poller, PATIENCE_MS), BP_EVENT_REMOTE_DISCONNECTED);
  }
  bp_poller_close(poller);
  bp_socket_close(pair[0]);
}

static void a_poller_tells_the_end_once_the_bytes_are_read(const char *backend) {
  struct bp_socket *pair[2];
  char byte = 0;
  pipe_pair(pair);
  write_all(pair[1], "x", 1);
  struct bp_poller *poller = poller_on(backend, pair[0], BP_EVENT_REMOTE_DISCONNECTED);
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(wait_one(poller, 10 * MOMENT_MS), 0);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), 2 * MOMENT_MS);
  read_all(pair[0], &byte, 1);
  CHECK_INT(wait_one(poller, MOMENT_MS), 0);
  bp_socket_close(pair[1]);
  CHECK_INT(wait_one(poller, PATIENCE_MS), BP_EVENT_REMOTE_DISCONNECTED);
  bp_poller_close(poller);
  bp_socket_close(pair[0]);
}

static void two_pollers_are_told_of_one_pipe(const char *backend) {
  struct bp_socket *pair[2];
  char byte = 0;
  pipe_pair(pair);
  struct bp_poller *first = poller_on(backend, pair[0], BP_EVENT_DATA_AVAILABLE);
  struct bp_poller *second =
      poller_on(backend, pair[0], BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE);
  CHECK_INT(wait_one(first, MOMENT_MS), 0);
  CHECK_INT(wait_one(second, PATIENCE_MS), BP_EVENT_READY_TO_WRITE);
  write_all(pair[1], "x", 1);
  CHECK_INT(wait_one(first, PATIENCE_MS), BP_EVENT_DATA_AVAILABLE);
  await(pair[0], BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(wait_one(second, PATIENCE_MS), BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE);
  read_all(pair[0], &byte, 1);
  CHECK_INT(wait_one(first, MOMENT_MS), 0);
  bp_poller_close(first);
  write_all(pair[1], "x", 1);
  CHECK_INT(wait_one(second, PATIENCE_MS) & BP_EVENT_DATA_AVAILABLE, BP_EVENT_DATA_AVAILABLE);
  bp_poller_close(second);
  struct bp_poller *third = poller_on(backend, pair[0], BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(wait_one(third, PATIENCE_MS), BP_EVENT_DATA_AVAILABLE);
  bp_poller_close(third);
  close_pair(pair);
}

static void a_poller_of_pipes_and_sockets(const char *backend) {
  struct bp_socket *pipes[2];
  struct bp_socket *sockets[2];
  unsigned seen = 0;
  pipe_pair(pipes);
  tcp_pair(sockets);
  struct bp_poller *poller = poller_on(backend, pipes[0], BP_EVENT_DATA_AVAILABLE);
  CHECK_OK(bp_poller_monitor(poller, sockets[0], BP_EVENT_DATA_AVAILABLE, 8));
  CHECK_INT(wait_one(poller, MOMENT_MS), 0);
  write_all(pipes[1], "x", 1);
  write_all(sockets[1], "x", 1);
  while (seen != 3) { /* in turns, though there is room for one only */
    struct bp_occurrence occurrence = {0};
    CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, &occurrence, 1), 1);
    seen |= occurrence.tag == 7 ? 1U : 2U;
  }
  close_pair(pipes);
  close_pair(sockets);
  bp_poller_close(poller);
}

static void *wake_later(void *argument) {
  pause_ms(20);
  CHECK(bp_wake(*(const uint64_t *)argument));
  return NULL;
}

static void a_wake_ends_a_wait_for_pipes(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_occurrence occurrence;
  pipe_pair(pair);
  struct bp_poller *poller = poller_on(backend, pair[0], BP_EVENT_DATA_AVAILABLE);
  uint64_t waker = bp_poller_waker(poller);
  const pthread_t thread = thread_start(wake_later, &waker);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, &occurrence, 1), 0);
  thread_join(thread);
  CHECK_INT(wait_one(poller, MOMENT_MS), 0);
  bp_poller_close(poller);
  close_pair(pair);
}

struct parked {
  struct bp_poller *poller;
  atomic_int rounds;
};

static void *park(void *argument) {
  struct parked *parked = argument;
  bp_poller_park(parked->poller);
  atomic_fetch_add(&parked->rounds, 1);
  return NULL;
}

static void a_parked_thread_is_told_of_a_pipe(const char *backend) {
  struct bp_socket *pair[2];
  pipe_pair(pair);
  struct parked parked = {.poller = poller_on(backend, pair[0], BP_EVENT_DATA_AVAILABLE)};
  pthread_t thread = thread_start(park, &parked);
  pause_ms(MOMENT_MS);
  CHECK_INT(atomic_load(&parked.rounds), 0);
  write_all(pair[1], "x", 1);
  thread_join(thread);
  CHECK_INT(wait_one(parked.poller, 0), BP_EVENT_DATA_AVAILABLE);
  /* And of one that is monitored only then. */
  CHECK_OK(bp_poller_unmonitor(parked.poller, pair[0]));
  CHECK_INT(wait_one(parked.poller, 0), 0);
  thread = thread_start(park, &parked);
  pause_ms(MOMENT_MS);
  CHECK_OK(bp_poller_monitor(parked.poller, pair[0], BP_EVENT_DATA_AVAILABLE, 7));
  thread_join(thread);
  CHECK_INT(wait_one(parked.poller, PATIENCE_MS), BP_EVENT_DATA_AVAILABLE);
  bp_poller_close(parked.poller);
  close_pair(pair);
}

static void sockets_close_with_operations_pending(const char *backend) {
  struct bp_poller *poller = NULL;
  struct bp_socket *pair[2];
  const char *name = pipe_name();
  struct bp_socket *server = serve(name);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, server, BP_EVENT_CONNECTION_AVAILABLE, 0));
  CHECK_INT(wait_one(poller, 0), 0);
  const int before = check_count_descriptors();
  for (int i = 0; i < ROUNDS; i++) {
    pair[0] = pipe_client(name);
    pair[1] = accept_one(server);
    for (int j = 0; j < 2; j++) {
      CHECK_OK(bp_poller_monitor(poller, pair[j],
                                 BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED, 1));
    }
    CHECK_INT(wait_one(poller, 0), 0); /* which makes the kernel own them */
    if (i % 3 == 1) {
      write_all(pair[0], "x", 1); /* its packet may be under way */
    } else if (i % 3 == 2) {
      (void)fill(pair[1]);
    }
    close_pair(pair);
  }
  while (wait_one(poller, 0)) {
  }
  check_handles(before);
  bp_poller_close(poller);
  bp_socket_close(server);
}

static void pollers_close_with_operations_pending(const char *backend) {
  struct bp_socket *pair[2];
  pipe_pair(pair);
  struct bp_socket *server = serve(pipe_name());
  bp_poller_close(poller_on(backend, pair[0], BP_EVENT_DATA_AVAILABLE));
  const int before = check_count_descriptors();
  for (int i = 0; i < ROUNDS; i++) {
    struct bp_poller *poller = poller_on(backend, pair[0], BP_EVENT_DATA_AVAILABLE);
    CHECK_OK(bp_poller_monitor(poller, server, BP_EVENT_CONNECTION_AVAILABLE, 0));
    CHECK_INT(wait_one(poller, 0), 0);
    if (i % 2) {
      char byte = 0;
      write_all(pair[1], "x", 1);
      read_all(pair[0], &byte, 1);
    }
    bp_poller_close(poller);
  }
  check_handles(before);
  close_pair(pair);
  bp_socket_close(server);
}

static void servers_close_with_clients_on_their_way(void) {
  const char *name = pipe_name();
  bp_socket_close(serve(name));
  const int before = check_count_descriptors();
  for (int i = 0; i < ROUNDS / 4; i++) {
    struct bp_socket *client = NULL;
    struct bp_socket *server = serve(name);
    if (i % 2) {
      client = pipe_client(name);
    }
    bp_socket_close(server);
    if (client) {
      check_pipe_end(client);
      bp_socket_close(client);
    }
  }
  check_handles(before);
}

static const struct check_case cases[] = {
    CASE(a_pipe_and_a_socket_in_one_wait),
    CASE(more_pipes_in_one_wait_than_windows_waits_for),
    CASE(a_wait_ends_with_the_peer),
    CASE(unread_bytes_do_not_keep_who_waits_for_the_end_busy),
    CASE(wait_beside_a_connection_that_is_retried),
    CASE_ON_BACKENDS(a_poller_reports_at_each_wait_what_is_so),
    CASE_ON_BACKENDS(a_poller_tells_the_end_once_the_bytes_are_read),
    CASE_ON_BACKENDS(two_pollers_are_told_of_one_pipe),
    CASE_ON_BACKENDS(a_poller_of_pipes_and_sockets),
    CASE_ON_BACKENDS(a_wake_ends_a_wait_for_pipes),
    CASE_ON_BACKENDS(a_parked_thread_is_told_of_a_pipe),
    CASE_ON_BACKENDS(sockets_close_with_operations_pending),
    CASE_ON_BACKENDS(pollers_close_with_operations_pending),
    CASE(servers_close_with_clients_on_their_way),
};

CHECK_MAIN(cases)
