/* bp_poll: a few sockets, no poller. */
#include "check.h"
#include "fixtures.h"
#include "socket.h"

#include <errno.h>

#ifndef _WIN32
#include <sys/resource.h>
#include <unistd.h>
#endif

#define MANY 20

static struct bp_query query(struct bp_socket *socket, unsigned events) {
  return (struct bp_query){.socket = socket, .events = events, .holds = ~0U};
}

static void answers_are_by_position(void) {
  struct bp_socket *pair[2];
  local_pair(pair);
  write_all(pair[0], "x", 1);
  struct bp_query queries[] = {
      query(pair[0], BP_EVENT_DATA_AVAILABLE),
      query(pair[1], BP_EVENT_DATA_AVAILABLE),
      query(pair[0], BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE),
      query(pair[1], BP_EVENT_REMOTE_DISCONNECTED),
      query(pair[1], BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_DATA_AVAILABLE),
      query(pair[1], 0),
  };
  CHECK_INT(bp_poll(queries, 6, bp_deadline_after(PATIENCE_MS), NULL), 3);
  CHECK_INT(queries[0].holds, 0);
  CHECK_INT(queries[1].holds, BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(queries[2].holds, BP_EVENT_READY_TO_WRITE);
  CHECK_INT(queries[3].holds, 0);
  CHECK_INT(queries[4].holds, BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(queries[5].holds, 0);
  close_pair(pair);
}

static void many_at_once(void) {
  struct bp_socket *pairs[MANY][2];
  struct bp_query queries[MANY];
  for (size_t i = 0; i < MANY; i++) {
    local_pair(pairs[i]);
    queries[i] = query(pairs[i][1], BP_EVENT_DATA_AVAILABLE);
    if (i % 3 == 0) {
      write_all(pairs[i][0], "x", 1);
    }
  }
  CHECK_INT(bp_poll(queries, MANY, BP_AT_ONCE, NULL), (MANY + 2) / 3);
  for (size_t i = 0; i < MANY; i++) {
    CHECK_INT(queries[i].holds, i % 3 ? 0 : BP_EVENT_DATA_AVAILABLE);
    close_pair(pairs[i]);
  }
}

/* Nothing holds: it takes until the deadline, and next to no work. */
static void check_idle(struct bp_query *queries, size_t count) {
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_poll(queries, count, bp_deadline_after(MOMENT_MS), NULL), 0);
  CHECK_AT_LEAST(stopwatch_ms(&watch), MOMENT_MS);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), MOMENT_MS / 2);
}

static void it_lasts_until_the_deadline(void) {
  struct bp_socket *pair[2];
  local_pair(pair);
  struct bp_query one = query(pair[0], BP_EVENT_DATA_AVAILABLE);
  check_idle(&one, 1);
  check_idle(&one, 0);
  CHECK_INT(bp_poll(&one, 1, BP_AT_ONCE, NULL), 0);
  one = query(pair[0], BP_EVENT_CONNECTION_FAILED);
  check_idle(&one, 1);
  one = query(pair[0], BP_EVENT_CONNECTION_FAILED | BP_EVENT_DATA_AVAILABLE);
  check_idle(&one, 1);
  close_pair(pair);
}

static void what_is_over_does_not_spin(void) {
  struct bp_socket *pair[2];
  char byte = 0;
  local_pair(pair);
  bp_socket_close(pair[0]);
  struct bp_query one = query(pair[1], BP_EVENT_DATA_AVAILABLE);
  check_idle(&one, 1);
  CHECK_INT(bp_socket_read(pair[1], &byte, 1, false), BP_END);
  check_idle(&one, 1);
  one = query(pair[1], BP_EVENT_READY_TO_WRITE);
  check_idle(&one, 1);
  one = query(pair[1], BP_EVENT_CONNECTION_SUCCEEDED);
  check_idle(&one, 1);
  bp_socket_close(pair[1]);
}

static void held_bytes_are_data(void) {
  struct bp_socket *pair[2];
  local_pair(pair);
  struct bp_query one = query(pair[0], BP_EVENT_DATA_AVAILABLE);
  bp_socket_hold_unread(pair[0], true);
  CHECK_INT(bp_poll(&one, 1, bp_deadline_after(PATIENCE_MS), NULL), 1);
  CHECK_INT(one.holds, BP_EVENT_DATA_AVAILABLE);
  bp_socket_hold_unread(pair[0], false);
  check_idle(&one, 1);
  close_pair(pair);
}

static void *write_later(void *socket) {
  pause_ms(20);
  write_all(socket, "x", 1);
  return NULL;
}

static void what_comes_later_ends_it(void) {
  struct bp_socket *pair[2];
  local_pair(pair);
  const pthread_t thread = thread_start(write_later, pair[0]);
  struct bp_query one = query(pair[1], BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(bp_poll(&one, 1, BP_FOREVER, NULL), 1);
  thread_join(thread);
  close_pair(pair);
}

static void a_signal_ends_it_if_it_may(void) {
  struct bp_socket *pair[2];
  local_pair(pair);
  struct bp_query one = query(pair[0], BP_EVENT_DATA_AVAILABLE);
  ticking_start(10);
  CHECK_INT(bp_poll(&one, 1, bp_deadline_after(PATIENCE_MS), &by_cut_calls), -EINTR);
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_poll(&one, 1, bp_deadline_after(100), NULL), 0);
  CHECK_AT_LEAST(stopwatch_ms(&watch), 100); /* through some ten signals */
  ticking_stop();
  close_pair(pair);
}

static void servers_and_clients(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *client = tcp_client(server);
  struct bp_query queries[] = {
      query(server, BP_EVENT_CONNECTION_AVAILABLE),
      query(client, BP_EVENT_READY_TO_WRITE),
  };
  await(server, BP_EVENT_CONNECTION_AVAILABLE);
  await(client, BP_EVENT_DETERMINED);
  CHECK_INT(bp_poll(queries, 2, BP_AT_ONCE, NULL), 2);
  CHECK_INT(queries[0].holds, BP_EVENT_CONNECTION_AVAILABLE);
  CHECK_INT(queries[1].holds, BP_EVENT_READY_TO_WRITE);
  bp_socket_close(client);
  bp_socket_close(server);
}

#ifndef _WIN32

static void sockets_beside_descriptors_from_elsewhere(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *pipe_end = NULL;
  int fds[2];
  CHECK_OK(pipe(fds));
  CHECK_OK(bp_adopt(fds[1], BP_KIND_DESCRIPTOR, &pipe_end));
  struct bp_query queries[] = {
      query(server, BP_EVENT_CONNECTION_AVAILABLE),
      query(pipe_end, BP_EVENT_WRITABLE | BP_EVENT_HANGUP),
  };
  CHECK_INT(bp_poll(queries, 2, BP_AT_ONCE, NULL), 1);
  CHECK_INT(queries[0].holds, 0);
  CHECK_INT(queries[1].holds, BP_EVENT_WRITABLE);
  close(fds[0]);
  CHECK_INT(bp_poll(queries, 2, BP_AT_ONCE, NULL), 1);
  CHECK_INT(queries[1].holds, BP_EVENT_WRITABLE | BP_EVENT_HANGUP);
  bp_socket_close(pipe_end);
  bp_socket_close(server);
}

/* poll(2) refuses more entries than there may be descriptors. */
static void more_queries_than_there_may_be_descriptors(void) {
  enum { COUNT = 300 };
  struct bp_query queries[COUNT];
  struct bp_socket *pair[2];
  struct rlimit limit;
  local_pair(pair);
  CHECK_OK(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = COUNT / 3;
  CHECK_OK(setrlimit(RLIMIT_NOFILE, &limit));
  for (int i = 0; i < COUNT; i++) {
    queries[i] = query(pair[i % 2], i < 2 ? BP_EVENT_DATA_AVAILABLE : BP_EVENT_READY_TO_WRITE);
  }
  write_all(pair[0], "x", 1);
  CHECK_INT(bp_poll(queries, COUNT, BP_AT_ONCE, NULL), COUNT - 1);
  CHECK_INT(queries[0].holds, 0);
  CHECK_INT(queries[1].holds, BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(queries[COUNT - 1].holds, BP_EVENT_READY_TO_WRITE);
  close_pair(pair);
}

#endif

static const struct check_case cases[] = {
    CASE(answers_are_by_position),
    CASE(many_at_once),
    CASE(it_lasts_until_the_deadline),
    CASE(what_is_over_does_not_spin),
    CASE(held_bytes_are_data),
    CASE(what_comes_later_ends_it),
    CASE(a_signal_ends_it_if_it_may),
    CASE(servers_and_clients),
#ifndef _WIN32
    CASE(sockets_beside_descriptors_from_elsewhere),
    CASE(more_queries_than_there_may_be_descriptors),
#endif
};
CHECK_MAIN(cases)
