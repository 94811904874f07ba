#include "fixtures.h"

#include "check.h"
#include "deadline.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATTERN_PERIOD 251 /* prime, so that no lost block of a power of two goes unnoticed */
#define CHUNK 8192

/* ---- Time ---- */

void pause_ms(int milliseconds) {
  const bp_deadline_ns deadline = bp_deadline_after(milliseconds);
  do {
    poll(NULL, 0, bp_deadline_left_ms(deadline));
  } while (!bp_deadline_passed(deadline));
}

static int64_t cpu_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (int64_t)now.tv_sec * 1000 * BP_NS_PER_MS + now.tv_nsec;
}

struct stopwatch stopwatch_start(void) {
  return (struct stopwatch){.wall_ns = bp_now_ns(), .cpu_ns = cpu_now_ns()};
}

int64_t stopwatch_ms(const struct stopwatch *watch) {
  return (bp_now_ns() - watch->wall_ns) / BP_NS_PER_MS;
}

int64_t stopwatch_cpu_ms(const struct stopwatch *watch) {
  return (cpu_now_ns() - watch->cpu_ns) / BP_NS_PER_MS;
}

static void ignore(int signal) {
  (void)signal;
}

static void set_timer(int milliseconds) {
  const struct timeval often = {.tv_sec = milliseconds / 1000,
                                .tv_usec = (suseconds_t)(milliseconds % 1000) * 1000};
  const struct itimerval timer = {.it_interval = often, .it_value = often};
  CHECK_OK(setitimer(ITIMER_REAL, &timer, NULL));
}

/* Takes the place of the alarm that limits the case; the limit of the whole program remains. */
void ticking_start(int milliseconds) {
  struct sigaction action = {.sa_handler = ignore};
  CHECK_OK(sigaction(SIGALRM, &action, NULL));
  set_timer(milliseconds);
}

void ticking_stop(void) {
  set_timer(0);
}

/* ---- Sockets ---- */

struct bp_socket *tcp_server(const char *host) {
  struct bp_socket *server = NULL;
  const struct bp_listen_tcp_options options = {
      .host = host, .backlog = 128, .reuse_address = true};
  CHECK_OK(bp_listen_tcp(&options, &server));
  return server;
}

struct bp_socket *tcp_client(struct bp_socket *server) {
  struct bp_socket *client = NULL;
  struct bp_address address;
  CHECK_OK(bp_socket_local_address(server, &address));
  const struct bp_connect_tcp_options options = {
      .host = address.host, .port = address.port, .tcp.no_delay = true};
  CHECK_OK(bp_connect_tcp(&options, &client));
  return client;
}

struct bp_socket *accept_one(struct bp_socket *server) {
  struct bp_socket *accepted = NULL;
  await(server, BP_CONNECTION_AVAILABLE);
  CHECK_OK(bp_socket_accept(server, &accepted));
  return accepted;
}

void tcp_pair(struct bp_socket *out[2]) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  out[0] = tcp_client(server);
  out[1] = accept_one(server);
  await(out[0], BP_CONNECTION_SUCCEEDED);
  bp_socket_close(server);
}

void local_pair(struct bp_socket *out[2]) {
  CHECK_OK(bp_socket_pair(out));
}

void close_pair(struct bp_socket *pair[2]) {
  bp_socket_close(pair[0]);
  bp_socket_close(pair[1]);
}

void close_with_reset(struct bp_socket *socket) {
  const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  CHECK_OK(setsockopt(bp_socket_fd(socket), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
  bp_socket_close(socket);
}

unsigned await(struct bp_socket *socket, unsigned events) {
  struct bp_query query = {.socket = socket, .events = events};
  CHECK_INT(bp_poll(&query, 1, bp_deadline_after(PATIENCE_MS), false), 1);
  return query.holds;
}

void write_all(struct bp_socket *socket, const void *bytes, size_t length) {
  const char *next = bytes;
  while (length) {
    const int64_t taken =
        bp_socket_write_wait(socket, next, length, bp_deadline_after(PATIENCE_MS), false);
    CHECK_AT_LEAST(taken, 1);
    next += taken;
    length -= (size_t)taken;
  }
}

void read_all(struct bp_socket *socket, void *bytes, size_t length) {
  char *next = bytes;
  while (length) {
    const int64_t got =
        bp_socket_read_wait(socket, next, length, bp_deadline_after(PATIENCE_MS), false);
    CHECK_AT_LEAST(got, 1);
    CHECK_AT_MOST(got, length);
    next += got;
    length -= (size_t)got;
  }
}

static void put_pattern(unsigned char *bytes, size_t offset, size_t length) {
  for (size_t i = 0; i < length; i++) {
    bytes[i] = (unsigned char)((offset + i) % PATTERN_PERIOD);
  }
}

size_t fill(struct bp_socket *socket) {
  unsigned char chunk[CHUNK];
  size_t total = 0;
  for (;;) {
    put_pattern(chunk, total, sizeof chunk);
    const int64_t taken = bp_socket_write(socket, chunk, sizeof chunk);
    CHECK_AT_LEAST(taken, 0);
    if (taken == 0) {
      return total;
    }
    total += (size_t)taken;
  }
}

void read_pattern(struct bp_socket *socket, size_t offset, size_t length) {
  unsigned char came[CHUNK];
  unsigned char expected[CHUNK];
  while (length) {
    const size_t size = length < CHUNK ? length : CHUNK;
    read_all(socket, came, size);
    put_pattern(expected, offset, size);
    CHECK_INT(memcmp(came, expected, size), 0);
    offset += size;
    length -= size;
  }
}

void check_non_blocking_and_close_on_exec(int fd) {
  CHECK_INT(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  CHECK_INT(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}

bool tells_end_behind_bytes(const char *backend) {
#ifdef POLLRDHUP
  (void)backend;
  return true;
#else
  return strcmp(backend, "poll") != 0;
#endif
}

/* ---- Files ---- */

#define PATH_CAPACITY 512
#define PATHS 4

static char directory[PATH_CAPACITY];

const char *directory_make(void) {
  const char *parent = getenv("TMPDIR");
  (void)snprintf(directory, sizeof directory, "%s/bipoll-XXXXXX", parent ? parent : "/tmp");
  CHECK(mkdtemp(directory) != NULL);
  return directory;
}

void directory_remove(void) {
  char path[2 * PATH_CAPACITY];
  DIR *entries = opendir(directory);
  CHECK(entries != NULL);
  const struct dirent *entry = NULL;
  while ((entry = readdir(entries))) {
    (void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    unlink(path); /* not so "." and "..", which stay */
  }
  closedir(entries);
  CHECK_OK(rmdir(directory));
}

const char *path_in_directory(const char *name) {
  static char paths[PATHS][2 * PATH_CAPACITY];
  static size_t next;
  char *path = paths[next++ % PATHS];
  (void)snprintf(path, sizeof paths[0], "%s/%s", directory, name);
  return path;
}

/* ---- Processes and threads ---- */

int in_child(void (*run)(void *), void *argument) {
  int status = 0;
  const pid_t child = fork();
  CHECK_AT_LEAST(child, 0);
  if (child == 0) {
    run(argument);
    _exit(0); /* its parent's memory is not its own to be looked through for leaks */
  }
  while (waitpid(child, &status, 0) < 0) {
    CHECK_INT(errno, EINTR);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

pthread_t thread_start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  CHECK_OK(pthread_create(&thread, NULL, run, argument));
  return thread;
}

void thread_join(pthread_t thread) {
  CHECK_OK(pthread_join(thread, NULL));
}
