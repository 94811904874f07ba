#include "check.h"
#include "fixtures.h"
#include "socket.h"

#include <errno.h>
#include <string.h>

#ifndef _WIN32
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

#define CONNECTION_EVENTS                                                                          \
  (BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_CONNECTION_FAILED)
#define STREAM_EVENTS                                                                              \
  (CONNECTION_EVENTS | BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE |                         \
   BP_EVENT_REMOTE_DISCONNECTED)
#define TAG UINT64_C(0xfedcba9876543210) /* comes back whole */

static struct bp_poller *poller;

static void open_on(const char *backend) {
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_TEXT(bp_poller_backend(poller), backend);
}

static void monitor(struct bp_socket *socket, unsigned events, uint64_t tag) {
  CHECK_OK(bp_poller_monitor(poller, socket, events, tag));
}

/* One wait, which must give that and nothing else; twice, as it goes on to hold. */
static void check_occurs(uint64_t tag, unsigned events) {
  struct bp_occurrence out[4];
  for (int i = 0; i < 2; i++) {
    CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, out, 4), 1);
    CHECK_INT(out[0].tag, tag);
    CHECK_INT(out[0].events, events);
  }
}

/* Nothing occurs: it takes until the deadline, and next to no work. */
static void check_idle(void) {
  struct bp_occurrence out[4];
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(MOMENT_MS), NULL, out, 4), 0);
  CHECK_AT_LEAST(stopwatch_ms(&watch), MOMENT_MS);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), MOMENT_MS / 2);
}

static void check_at_once_nothing(void) {
  struct bp_occurrence out[4];
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, out, 4), 0);
}

/* ---- Events of every kind ---- */

static void an_unknown_backend_is_refused(void) {
  CHECK_INT(bp_poller_open("nonsense", &poller), -EINVAL);
  CHECK_OK(bp_poller_open(NULL, &poller));
  CHECK_TEXT(bp_poller_backend(poller), bp_backends()[0]);
  bp_poller_close(poller);
}

static void events_of_another_kind_are_refused(const char *backend) {
  struct bp_socket *pair[2];
  open_on(backend);
  local_pair(pair);
  CHECK_INT(bp_poller_monitor(poller, pair[0], BP_EVENT_CONNECTION_AVAILABLE, 1), -EINVAL);
  CHECK_INT(bp_poller_monitor(poller, pair[0], BP_EVENT_READABLE, 1), -EINVAL);
  CHECK_INT(bp_poller_unmonitor(poller, pair[0]), -ENOENT);
  close_pair(pair);
  bp_poller_close(poller);
}

static void a_server_and_its_client(const char *backend) {
  struct bp_socket *pair[2];
  open_on(backend);
  struct bp_socket *server = tcp_server("127.0.0.1");
  monitor(server, BP_EVENT_CONNECTION_AVAILABLE, TAG);
  check_idle();
  pair[0] = tcp_client(server);
  check_occurs(TAG, BP_EVENT_CONNECTION_AVAILABLE);
  monitor(pair[0], CONNECTION_EVENTS, 2);
  CHECK_OK(bp_socket_accept(server, &pair[1]));
  check_occurs(2, BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED);
  monitor(pair[0], BP_EVENT_CONNECTION_FAILED, 2);
  check_idle();
  monitor(pair[0], BP_EVENT_DATA_AVAILABLE, 2);
  check_idle();
  write_all(pair[1], "x", 1);
  check_occurs(2, BP_EVENT_DATA_AVAILABLE);
  close_pair(pair);
  check_idle();
  bp_socket_close(server);
  bp_poller_close(poller);
}

static void a_refused_connection(const char *backend) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *client = NULL;
  struct bp_address address;
  open_on(backend);
  CHECK_OK(bp_socket_local_address(server, &address));
  bp_socket_close(server);
  const struct bp_connect_tcp_options options = {.host = address.host, .port = address.port};
  CHECK_OK(bp_connect_tcp(&options, &client));
  monitor(client, STREAM_EVENTS, TAG);
  check_occurs(TAG, BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_FAILED);
  monitor(client, BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE,
          TAG);
  check_idle();
  bp_socket_close(client);
  bp_poller_close(poller);
}

static void check_stream(struct bp_socket *pair[2], const char *backend) {
  char bytes[8];
  monitor(pair[1], STREAM_EVENTS, TAG);
  check_occurs(TAG, BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_READY_TO_WRITE);
  monitor(pair[1], BP_EVENT_READY_TO_WRITE, TAG);
  check_occurs(TAG, BP_EVENT_READY_TO_WRITE);
  monitor(pair[1], BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED, 3);
  check_idle();
  write_all(pair[0], "abc", 3);
  check_occurs(3, BP_EVENT_DATA_AVAILABLE);
  read_all(pair[1], bytes, 3);
  check_idle();
  write_all(pair[0], "abc", 3);
  monitor(pair[1], BP_EVENT_REMOTE_DISCONNECTED, 3);
  check_idle();
  monitor(pair[1], 0, 3);
  check_idle();
  monitor(pair[1], BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED, 3);
  CHECK_OK(bp_socket_shutdown(pair[0]));
  if (tells_end_behind_bytes(backend)) {
    await(pair[1], BP_EVENT_REMOTE_DISCONNECTED);
    check_occurs(3, BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED);
  } else {
    check_occurs(3, BP_EVENT_DATA_AVAILABLE);
  }
  read_all(pair[1], bytes, 3);
  check_occurs(3, BP_EVENT_REMOTE_DISCONNECTED);
  monitor(pair[1], STREAM_EVENTS, 3);
  check_occurs(3, BP_EVENT_DETERMINED | BP_EVENT_REMOTE_DISCONNECTED | BP_EVENT_READY_TO_WRITE);
  CHECK_OK(bp_poller_unmonitor(poller, pair[1]));
  CHECK_INT(bp_poller_unmonitor(poller, pair[1]), -ENOENT);
  check_idle();
  close_pair(pair);
}

static void streams(const char *backend) {
  struct bp_socket *pair[2];
  open_on(backend);
  tcp_pair(pair);
  check_stream(pair, backend);
  half_closing_pair(pair);
  check_stream(pair, backend);
  bp_poller_close(poller);
}

#ifndef _WIN32 /* it takes no descriptors from elsewhere */

static void pipes(const char *backend) {
  struct bp_socket *ends[2];
  int fds[2];
  char byte = 0;
  open_on(backend);
  CHECK_OK(pipe(fds));
  CHECK_OK(bp_adopt(fds[0], BP_KIND_DESCRIPTOR, &ends[0]));
  CHECK_OK(bp_adopt(fds[1], BP_KIND_DESCRIPTOR, &ends[1]));
  monitor(ends[0], BP_EVENT_READABLE | BP_EVENT_HANGUP, 1);
  check_idle();
  monitor(ends[1], BP_EVENT_WRITABLE | BP_EVENT_HANGUP, 2);
  check_occurs(2, BP_EVENT_WRITABLE);
  monitor(ends[1], BP_EVENT_HANGUP, 2);
  check_idle();
  CHECK_INT(bp_socket_write(ends[1], "x", 1), 1);
  check_occurs(1, BP_EVENT_READABLE);
  CHECK_INT(bp_socket_read(ends[0], &byte, 1, false), 1);
  bp_socket_close(ends[1]);
  check_occurs(1, BP_EVENT_READABLE | BP_EVENT_HANGUP);
  CHECK_INT(bp_socket_read(ends[0], &byte, 1, false), BP_END);
  bp_socket_close(ends[0]);
  bp_poller_close(poller);
}

/* epoll takes neither a file nor a device that is always ready. */
static void check_always_ready(const char *path) {
  struct bp_socket *file = NULL;
  CHECK_OK(bp_adopt(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), BP_KIND_DESCRIPTOR, &file));
  monitor(file, BP_EVENT_READABLE | BP_EVENT_WRITABLE | BP_EVENT_HANGUP, 1);
  check_occurs(1, BP_EVENT_READABLE | BP_EVENT_WRITABLE);
  monitor(file, BP_EVENT_HANGUP, 1);
  check_idle();
  bp_socket_close(file);
}

static void files(const char *backend) {
  open_on(backend);
  directory_make();
  check_always_ready(path_in_directory("file"));
  directory_remove();
  bp_poller_close(poller);
}

static void devices(const char *backend) {
  open_on(backend);
  check_always_ready("/dev/null");
  bp_poller_close(poller);
}

#endif

static void held_bytes_are_data(const char *backend) {
  struct bp_socket *pair[2];
  open_on(backend);
  local_pair(pair);
  monitor(pair[0], BP_EVENT_DATA_AVAILABLE, 1);
  check_idle();
  bp_socket_hold_unread(pair[0], true);
  check_occurs(1, BP_EVENT_DATA_AVAILABLE);
  bp_socket_hold_unread(pair[0], false);
  check_idle();
  bp_socket_hold_unread(pair[0], true);
  bp_socket_close(pair[1]); /* nor does the end take them away */
  check_occurs(1, BP_EVENT_DATA_AVAILABLE);
  bp_socket_close(pair[0]);
  check_idle();
  bp_poller_close(poller);
}

/* ---- What is over does not spin ---- */

enum ending { HALF_CLOSED, CLOSED, RESET };

static void end(struct bp_socket *socket, enum ending ending) {
  if (ending == HALF_CLOSED) {
    CHECK_OK(bp_socket_shutdown(socket));
  } else if (ending == CLOSED) {
    bp_socket_close(socket);
  } else {
    close_with_reset(socket);
  }
}

static void check_ended(struct bp_socket *pair[2], enum ending ending) {
  char byte = 0;
  monitor(pair[1], BP_EVENT_DATA_AVAILABLE, 1);
  end(pair[0], ending);
  await(pair[1], BP_EVENT_REMOTE_DISCONNECTED);
  check_idle(); /* seen, not read */
  CHECK_AT_MOST(bp_socket_read(pair[1], &byte, 1, false), -1);
  check_idle();
  monitor(pair[1],
          BP_EVENT_DATA_AVAILABLE | BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_CONNECTION_FAILED, 1);
  check_idle();
  if (ending != HALF_CLOSED) {
    monitor(pair[1], BP_EVENT_READY_TO_WRITE, 1);
    struct bp_occurrence out[1];
    /* Over TCP a peer that closed may still take bytes, until it answers. */
    while (bp_poller_wait(poller, BP_AT_ONCE, NULL, out, 1) > 0) {
      (void)bp_socket_write(pair[1], "x", 1);
      pause_ms(1);
    }
    check_idle();
  }
  monitor(pair[1], BP_EVENT_REMOTE_DISCONNECTED, 1);
  check_occurs(1, BP_EVENT_REMOTE_DISCONNECTED);
  bp_socket_close(pair[1]);
  if (ending == HALF_CLOSED) {
    bp_socket_close(pair[0]);
  }
}

static void a_peer_that_ended_does_not_spin(const char *backend) {
  struct bp_socket *pair[2];
  open_on(backend);
  const enum ending first = local_streams_are_sockets ? HALF_CLOSED : CLOSED;
  for (enum ending ending = first; ending <= CLOSED; ending++) {
    local_pair(pair);
    check_ended(pair, ending);
  }
  for (enum ending ending = HALF_CLOSED; ending <= RESET; ending++) {
    tcp_pair(pair);
    check_ended(pair, ending);
  }
  bp_poller_close(poller);
}

#ifndef _WIN32

static void a_socket_that_never_connected_does_not_spin(const char *backend) {
  struct bp_socket *adopted = NULL;
  open_on(backend);
  CHECK_OK(bp_adopt(socket(AF_INET, SOCK_STREAM, 0), BP_KIND_TCP_STREAM, &adopted));
  monitor(adopted, BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE, 1);
  check_idle();
  bp_socket_close(adopted);
  bp_poller_close(poller);
}

#endif

/* ---- Coming and going ---- */

static void closed_in_any_order(const char *backend) {
  struct bp_socket *pairs[3][2];
  static const size_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                      {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (size_t order = 0; order < 6; order++) {
    open_on(backend);
    for (size_t i = 0; i < 3; i++) {
      local_pair(pairs[i]);
      monitor(pairs[i][1], i == 1 ? STREAM_EVENTS : BP_EVENT_DATA_AVAILABLE, i);
      write_all(pairs[i][0], "x", 1);
    }
    for (size_t step = 0; step < 3; step++) {
      struct bp_occurrence out[4];
      CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, out, 4), 3 - step);
      const size_t gone = orders[order][step];
      if (step == 1) {
        CHECK_OK(bp_poller_unmonitor(poller, pairs[gone][1]));
      } else {
        bp_socket_close(pairs[gone][1]);
      }
    }
    check_at_once_nothing();
    bp_poller_close(poller);
    bp_socket_close(pairs[orders[order][1]][1]);
    for (size_t i = 0; i < 3; i++) {
      bp_socket_close(pairs[i][0]);
    }
  }
}

static void a_poller_may_go_before_its_sockets(const char *backend) {
  struct bp_socket *pair[2];
  open_on(backend);
  local_pair(pair);
  monitor(pair[0], STREAM_EVENTS, 1);
  monitor(pair[1], BP_EVENT_DATA_AVAILABLE, 2);
  bp_poller_close(poller);
  write_all(pair[0], "x", 1);
  open_on(backend);
  monitor(pair[1], BP_EVENT_DATA_AVAILABLE, 3);
  check_occurs(3, BP_EVENT_DATA_AVAILABLE);
  close_pair(pair);
  bp_poller_close(poller);
}

#ifndef _WIN32 /* numbers there are not the lowest that are free, nor have sockets copies */

/* Both were found ready by one wait; the first is closed, and its descriptor is another's. */
static void a_number_that_is_used_again_has_no_stale_events(const char *backend) {
  struct bp_socket *first[2];
  struct bp_socket *second[2];
  struct bp_socket *third[2];
  struct bp_occurrence out[4];
  open_on(backend);
  local_pair(first);
  local_pair(second);
  monitor(first[1], BP_EVENT_DATA_AVAILABLE, 1);
  monitor(second[1], BP_EVENT_DATA_AVAILABLE, 2);
  write_all(first[0], "x", 1);
  write_all(second[0], "x", 1);
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, out, 1), 1); /* the other is still to come */
  const int number = bp_socket_fd(first[1]);
  const int copy = dup(number); /* without which the system would forget it by itself */
  close_pair(first);
  local_pair(third);
  CHECK(bp_socket_fd(third[0]) == number || bp_socket_fd(third[1]) == number);
  monitor(third[0], BP_EVENT_DATA_AVAILABLE, 3);
  monitor(third[1], BP_EVENT_DATA_AVAILABLE, 4);
  check_occurs(2, BP_EVENT_DATA_AVAILABLE);
  write_all(third[0], "x", 1);
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, out, 4), 2);
  CHECK_INT(out[0].tag + out[1].tag, 2 + 4);
  close(copy);
  close_pair(second);
  close_pair(third);
  bp_poller_close(poller);
}

#endif

#define MANY 2500

static void allow_descriptors(unsigned count) {
#ifdef _WIN32
  (void)count; /* millions are, of handles */
#else
  struct rlimit limit;
  CHECK_OK(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max;
  CHECK_OK(setrlimit(RLIMIT_NOFILE, &limit));
  if (limit.rlim_cur < count) {
    check_skip("too few descriptors are allowed here");
  }
#endif
}

static void thousands_of_peers_leave(const char *backend) {
  static struct bp_socket *pairs[MANY][2];
  static bool seen[MANY];
  static struct bp_occurrence out[MANY];
  allow_descriptors(2 * MANY + 100);
  open_on(backend);
  for (size_t i = 0; i < MANY; i++) {
    local_pair(pairs[i]);
    monitor(pairs[i][1], BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED, i);
  }
  check_at_once_nothing();
  for (size_t i = 0; i < MANY; i++) {
    bp_socket_close(pairs[i][0]);
  }
  size_t left = MANY;
  while (left > 0) { /* each closes what it hears of, as an application does */
    const int count = bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, out, MANY);
    CHECK_AT_LEAST(count, 1);
    for (int i = 0; i < count; i++) {
      CHECK(!seen[out[i].tag]);
      CHECK_INT(out[i].events, BP_EVENT_REMOTE_DISCONNECTED);
      seen[out[i].tag] = true;
      bp_socket_close(pairs[out[i].tag][1]);
    }
    left -= (size_t)count;
  }
  check_idle();
  bp_poller_close(poller);
}

static void a_socket_in_two_pollers(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_poller *other = NULL;
  struct bp_occurrence out[4];
  open_on(backend);
  CHECK_OK(bp_poller_open(bp_backends()[0], &other));
  local_pair(pair);
  monitor(pair[1], BP_EVENT_DATA_AVAILABLE, 1);
  CHECK_OK(bp_poller_monitor(other, pair[1], BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE, 2));
  write_all(pair[0], "x", 1);
  check_occurs(1, BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(bp_poller_wait(other, BP_AT_ONCE, NULL, out, 4), 1);
  CHECK_INT(out[0].tag, 2);
  CHECK_INT(out[0].events, BP_EVENT_DATA_AVAILABLE | BP_EVENT_READY_TO_WRITE);
  CHECK_OK(bp_poller_unmonitor(poller, pair[1]));
  check_at_once_nothing();
  CHECK_INT(bp_poller_wait(other, BP_AT_ONCE, NULL, out, 4), 1);
  monitor(pair[1], BP_EVENT_DATA_AVAILABLE, 1);
  close_pair(pair);
  check_at_once_nothing();
  CHECK_INT(bp_poller_wait(other, BP_AT_ONCE, NULL, out, 4), 0);
  bp_poller_close(other);
  bp_poller_close(poller);
}

/* ---- Fairness ---- */

#define CROWD 6

static void check_each_has_its_turn(void) {
  unsigned seen = 0;
  for (int i = 0; i < 3 * CROWD; i++) {
    struct bp_occurrence out[2];
    const int count = bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, out, 2);
    CHECK_AT_LEAST(count, 1);
    for (int j = 0; j < count; j++) {
      seen |= 1U << out[j].tag;
    }
  }
  CHECK_INT(seen, (1U << CROWD) - 1);
}

static void check_crowd(const char *backend, unsigned even, unsigned odd) {
  struct bp_socket *pairs[CROWD][2];
  open_on(backend);
  for (size_t i = 0; i < CROWD; i++) {
    local_pair(pairs[i]);
    write_all(pairs[i][0], "x", 1);
    monitor(pairs[i][1], i % 2 ? odd : even, i);
  }
  check_each_has_its_turn();
  for (size_t i = 0; i < CROWD; i++) {
    close_pair(pairs[i]);
  }
  bp_poller_close(poller);
}

static void turns_are_fair_in_a_small_batch(const char *backend) {
  check_crowd(backend, BP_EVENT_DATA_AVAILABLE, BP_EVENT_DATA_AVAILABLE);
}

/* Those that the kernel cannot answer for must starve neither each other nor the rest. */
static void turns_are_fair_among_those_that_are_asked(const char *backend) {
  check_crowd(backend, BP_EVENT_CONNECTION_SUCCEEDED, BP_EVENT_CONNECTION_SUCCEEDED);
}

static void turns_are_fair_beside_those_that_are_asked(const char *backend) {
  check_crowd(backend, BP_EVENT_CONNECTION_SUCCEEDED, BP_EVENT_DATA_AVAILABLE);
}

/* ---- Waking ---- */

static void *wake_later(void *waker) {
  pause_ms(20);
  CHECK(bp_wake(*(uint64_t *)waker));
  return NULL;
}

static void a_wake_ends_a_wait(const char *backend) {
  struct bp_occurrence out[1];
  open_on(backend);
  uint64_t waker = bp_poller_waker(poller);
  const pthread_t thread = thread_start(wake_later, &waker);
  CHECK_INT(bp_poller_wait(poller, BP_FOREVER, NULL, out, 1), 0);
  thread_join(thread);
  CHECK(bp_wake(waker)); /* before the wait: kept for it */
  CHECK(bp_wake(waker));
  CHECK_INT(bp_poller_wait(poller, BP_FOREVER, NULL, out, 1), 0);
  check_idle();
  bp_poller_close(poller);
}

static void a_wake_of_what_is_gone(const char *backend) {
  open_on(backend);
  const uint64_t first = bp_poller_waker(poller);
  CHECK(bp_wake(first));
  bp_poller_close(poller);
  CHECK(!bp_wake(first));
  open_on(backend);
  CHECK(bp_poller_waker(poller) != first);
  CHECK(!bp_wake(first));
  CHECK(!bp_wake(0));
  check_idle();
  bp_poller_close(poller);
}

static void a_signal_ends_a_wait(const char *backend) {
  struct bp_occurrence out[1];
  open_on(backend);
  ticking_start(20);
  CHECK_INT(bp_poller_wait(poller, BP_FOREVER, &by_cut_calls, out, 1), -EINTR);
  ticking_stop();
  bp_poller_close(poller);
}

static void *write_later(void *socket) {
  pause_ms(20);
  write_all(socket, "x", 1);
  return NULL;
}

static void what_comes_later_ends_a_wait(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_occurrence out[1];
  open_on(backend);
  local_pair(pair);
  monitor(pair[1], BP_EVENT_DATA_AVAILABLE, 1);
  const pthread_t thread = thread_start(write_later, pair[0]);
  CHECK_INT(bp_poller_wait(poller, BP_FOREVER, NULL, out, 1), 1);
  thread_join(thread);
  close_pair(pair);
  bp_poller_close(poller);
}

/* ---- Retrying, and being out of descriptors ---- */

#ifndef _WIN32 /* a path is something else there, and handles have no limit to run into */

static void a_full_backlog_is_retried(const char *backend) {
  struct bp_socket *clients[8];
  struct bp_socket *server = NULL;
  size_t count = 0;
  directory_make();
  const char *path = path_in_directory("socket");
  const struct bp_listen_local_options options = {
      .path = path, .path_length = strlen(path), .mode = 0600, .delete_on_close = true};
  CHECK_OK(bp_listen_local(&options, &server));
  do {
    if (count == 8) {
      check_skip("the backlog does not get full here");
    }
    CHECK_OK(bp_connect_local(path, strlen(path), &clients[count]));
  } while (clients[count++]->state != BP_STATE_RETRYING);
  open_on(backend);
  monitor(clients[count - 1], CONNECTION_EVENTS, 1);
  check_idle();
  bp_socket_close(accept_one(server));
  check_occurs(1, BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED);
  for (size_t i = 0; i < count; i++) {
    bp_socket_close(clients[i]);
  }
  bp_socket_close(server);
  bp_poller_close(poller);
  directory_remove();
}

#define FEW 64             /* descriptors */
#define TRIES 6            /* to accept without one */
#define ACCEPT_PAUSE_MS 50 /* between two of them */

/* Takes all descriptors there are. Returns how many, for release(). */
static int exhaust(int fds[FEW]) {
  struct rlimit limit;
  int count = 0;
  CHECK_OK(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = FEW;
  CHECK_OK(setrlimit(RLIMIT_NOFILE, &limit));
  while ((fds[count] = dup(STDERR_FILENO)) >= 0) {
    count++;
  }
  CHECK_INT(errno, EMFILE);
  return count;
}

static void release(const int *fds, int count) {
  for (int i = 0; i < count; i++) {
    close(fds[i]);
  }
}

static void out_of_descriptors_accepting_pauses(const char *backend) {
  struct bp_socket *accepted = NULL;
  struct bp_occurrence out[1];
  int fds[FEW];
  open_on(backend);
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *client = tcp_client(server);
  monitor(server, BP_EVENT_CONNECTION_AVAILABLE, 1);
  const int taken = exhaust(fds);
  const struct stopwatch watch = stopwatch_start();
  for (int tries = 0; tries < TRIES; tries++) {
    CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, out, 1), 1);
    CHECK_INT(bp_socket_accept(server, &accepted), -EMFILE);
  }
  const int64_t paused_ms = (TRIES - 1) * ACCEPT_PAUSE_MS;
  CHECK_AT_LEAST(stopwatch_ms(&watch), paused_ms);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), paused_ms / 2);
  release(fds, taken);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, out, 1), 1);
  CHECK_OK(bp_socket_accept(server, &accepted));
  check_idle();
  bp_socket_close(accepted);
  bp_socket_close(client);
  client = tcp_client(server);
  check_occurs(1, BP_EVENT_CONNECTION_AVAILABLE);
  bp_socket_close(client);
  bp_socket_close(server);
  bp_poller_close(poller);
}

/* During the pause another process accepts the client; so after it nobody is waiting. */
static void a_pause_ends_though_nobody_waits(const char *backend) {
  struct bp_socket *accepted = NULL;
  int fds[FEW];
  open_on(backend);
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *client = tcp_client(server);
  monitor(server, BP_EVENT_CONNECTION_AVAILABLE, 1);
  await(server, BP_EVENT_CONNECTION_AVAILABLE);
  const int taken = exhaust(fds);
  CHECK_INT(bp_socket_accept(server, &accepted), -EMFILE);
  release(fds, taken);
  close(accept(bp_socket_fd(server), NULL, NULL));
  check_idle();
  pause_ms(2 * ACCEPT_PAUSE_MS);
  check_idle();
  struct bp_query query = {.socket = server, .events = BP_EVENT_CONNECTION_AVAILABLE};
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_poll(&query, 1, bp_deadline_after(MOMENT_MS), NULL), 0);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), MOMENT_MS / 2);
  bp_socket_close(client);
  client = tcp_client(server);
  check_occurs(1, BP_EVENT_CONNECTION_AVAILABLE);
  CHECK_INT(bp_poll(&query, 1, bp_deadline_after(PATIENCE_MS), NULL), 1);
  bp_socket_close(client);
  bp_socket_close(server);
  bp_poller_close(poller);
}

#endif

static const struct check_case cases[] = {
    CASE(an_unknown_backend_is_refused),
    CASE_ON_BACKENDS(events_of_another_kind_are_refused),
    CASE_ON_BACKENDS(a_server_and_its_client),
    CASE_ON_BACKENDS(a_refused_connection),
    CASE_ON_BACKENDS(streams),
#ifndef _WIN32
    CASE_ON_BACKENDS(pipes),
    CASE_ON_BACKENDS(files),
    CASE_ON_BACKENDS(devices),
#endif
    CASE_ON_BACKENDS(held_bytes_are_data),
    CASE_ON_BACKENDS(a_peer_that_ended_does_not_spin),
#ifndef _WIN32
    CASE_ON_BACKENDS(a_socket_that_never_connected_does_not_spin),
#endif
    CASE_ON_BACKENDS(closed_in_any_order),
    CASE_ON_BACKENDS(a_poller_may_go_before_its_sockets),
#ifndef _WIN32
    CASE_ON_BACKENDS(a_number_that_is_used_again_has_no_stale_events),
#endif
    CASE_ON_BACKENDS(thousands_of_peers_leave),
    CASE_ON_BACKENDS(a_socket_in_two_pollers),
    CASE_ON_BACKENDS(turns_are_fair_in_a_small_batch),
    CASE_ON_BACKENDS(turns_are_fair_among_those_that_are_asked),
    CASE_ON_BACKENDS(turns_are_fair_beside_those_that_are_asked),
    CASE_ON_BACKENDS(a_wake_ends_a_wait),
    CASE_ON_BACKENDS(a_wake_of_what_is_gone),
    CASE_ON_BACKENDS(a_signal_ends_a_wait),
    CASE_ON_BACKENDS(what_comes_later_ends_a_wait),
#ifndef _WIN32
    CASE_ON_BACKENDS(a_full_backlog_is_retried),
    CASE_ON_BACKENDS(out_of_descriptors_accepting_pauses),
    CASE_ON_BACKENDS(a_pause_ends_though_nobody_waits),
#endif
};
CHECK_MAIN(cases)
