#include "fixtures.h"

#include "check.h"
#include "deadline.h"
#include "net.h"

#include <string.h>
#include <time.h>

#define PATTERN_PERIOD 251 /* prime, so that no lost block of a power of two goes unnoticed */
#define CHUNK 8192

const struct bp_interrupt by_cut_calls = {.by_signals = true, .signal_fd = -1};

/* ---- Time ---- */

void pause_ms(int milliseconds) {
  const bp_deadline_ns deadline = bp_deadline_after(milliseconds);
  do {
    const int left_ms = bp_deadline_left_ms(deadline);
    const struct timespec left = {.tv_sec = left_ms / 1000,
                                  .tv_nsec = (long)(left_ms % 1000) * 1000000};
    nanosleep(&left, NULL);
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
      .host = address.host,
      .port = address.port,
      .tcp = {.given = 1U << BP_TCP_NO_DELAY, .numbers[BP_TCP_NO_DELAY] = 1}};
  CHECK_OK(bp_connect_tcp(&options, &client));
  return client;
}

struct bp_socket *accept_one(struct bp_socket *server) {
  struct bp_socket *accepted = NULL;
  await(server, BP_EVENT_CONNECTION_AVAILABLE);
  CHECK_OK(bp_socket_accept(server, &accepted));
  return accepted;
}

void tcp_pair(struct bp_socket *out[2]) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  out[0] = tcp_client(server);
  out[1] = accept_one(server);
  await(out[0], BP_EVENT_CONNECTION_SUCCEEDED);
  bp_socket_close(server);
}

void local_pair(struct bp_socket *out[2]) {
  CHECK_OK(bp_socket_pair(out));
}

void half_closing_pair(struct bp_socket *out[2]) {
  if (local_streams_are_sockets) {
    local_pair(out);
  } else {
    tcp_pair(out);
  }
}

void close_pair(struct bp_socket *pair[2]) {
  bp_socket_close(pair[0]);
  bp_socket_close(pair[1]);
}

void close_with_reset(struct bp_socket *socket) {
  CHECK_OK(bp_socket_reset_on_close(socket));
  bp_socket_close(socket);
}

unsigned await(struct bp_socket *socket, unsigned events) {
  struct bp_query query = {.socket = socket, .events = events};
  CHECK_INT(bp_poll(&query, 1, bp_deadline_after(PATIENCE_MS), NULL), 1);
  return query.holds;
}

int send_message(struct bp_socket *socket, const void *bytes, size_t length,
                 const struct bp_endpoint *to) {
  const struct bp_outgoing message = {.bytes = bytes, .length = length, .to = to};
  return bp_socket_send(socket, &message, 1);
}

void write_all(struct bp_socket *socket, const void *bytes, size_t length) {
  const char *next = bytes;
  while (length) {
    const int64_t taken =
        bp_socket_write_wait(socket, next, length, bp_deadline_after(PATIENCE_MS), NULL);
    CHECK_AT_LEAST(taken, 1);
    next += taken;
    length -= (size_t)taken;
  }
}

void read_all(struct bp_socket *socket, void *bytes, size_t length) {
  char *next = bytes;
  while (length) {
    const int64_t got =
        bp_socket_read_wait(socket, next, length, bp_deadline_after(PATIENCE_MS), NULL);
    CHECK_AT_LEAST(got, 1);
    CHECK_AT_MOST(got, length);
    next += got;
    length -= (size_t)got;
  }
}

void put_pattern(unsigned char *bytes, size_t offset, size_t length) {
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

/* ---- Descriptors ---- */

#ifndef SHUT_WR
#define SHUT_WR SD_SEND
#endif

void raw_say(int fd) {
  CHECK_INT(send(BP_NET(fd), "x", 1, 0), 1);
}

void raw_hear(int fd) {
  char byte = 0;
  CHECK_INT(recv(BP_NET(fd), &byte, 1, 0), 1);
}

void raw_end(int fd) {
  CHECK_OK(shutdown(BP_NET(fd), SHUT_WR));
}

/* ---- Threads ---- */

pthread_t thread_start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  CHECK_OK(pthread_create(&thread, NULL, run, argument));
  return thread;
}

void thread_join(pthread_t thread) {
  CHECK_OK(pthread_join(thread, NULL));
}
