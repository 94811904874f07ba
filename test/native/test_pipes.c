/* Local streams as named pipes: what is of Windows alone. */
#include "check.h"
#include "deadline.h"
#include "fixtures.h"
#include "pump.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define NAME_CAPACITY 128
#define MOST_CHARACTERS 256
#define KERNEL_BUFFER 65536
#define ROUNDS 2000

static const struct bp_listen_local_options usual = {.backlog = 4, .mode = 0600};

/* A name that nobody has; good until the next call but three. */
static const char *fresh_name(void) {
  static char names[4][NAME_CAPACITY];
  static unsigned count;
  char *name = names[count % 4];
  (void)snprintf(name, NAME_CAPACITY, "\\\\.\\pipe\\bipoll-test-%lu-%u", GetCurrentProcessId(),
                 count++);
  return name;
}

static int listen_with(const char *name, struct bp_listen_local_options options,
                       struct bp_socket **out) {
  options.path = name;
  options.path_length = strlen(name);
  return bp_listen_local(&options, out);
}

static struct bp_socket *serve_with(const char *name, int backlog) {
  struct bp_listen_local_options options = usual;
  struct bp_socket *server = NULL;
  options.backlog = backlog;
  CHECK_OK(listen_with(name, options, &server));
  return server;
}

static struct bp_socket *serve(const char *name) {
  return serve_with(name, usual.backlog);
}

static int connect_to(const char *name, struct bp_socket **out) {
  return bp_connect_local(name, strlen(name), out);
}

static struct bp_socket *client_of(const char *name) {
  struct bp_socket *client = NULL;
  CHECK_OK(connect_to(name, &client));
  return client;
}

/* Both ends of a connection that went by a server: 0 the client's, 1 the server's. */
static void served_pair(struct bp_socket *out[2]) {
  const char *name = fresh_name();
  struct bp_socket *server = serve(name);
  out[0] = client_of(name);
  out[1] = accept_one(server);
  bp_socket_close(server);
}

static void check_end(struct bp_socket *socket) {
  char byte = 0;
  CHECK_INT(bp_socket_read_wait(socket, &byte, 1, bp_deadline_after(PATIENCE_MS), false), BP_END);
}

/* What the thread of the pipes has still to close it closes soon. */
static void check_handles(int before) {
  const bp_deadline_ns deadline = bp_deadline_after(PATIENCE_MS);
  while (check_count_descriptors() != before && !bp_deadline_passed(deadline)) {
    pause_ms(1);
  }
  CHECK_INT(check_count_descriptors(), before);
}

static HANDLE foreign_server(const char *name) {
  const HANDLE server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE | PIPE_WAIT, 1,
                                         4096, 4096, 0, NULL);
  CHECK(server != INVALID_HANDLE_VALUE);
  return server;
}

/* ---- Names ---- */

static void what_is_no_name_of_a_pipe_is_refused(void) {
  static const char *const refused[] = {"",
                                        "name",
                                        "/tmp/socket",
                                        "C:\\socket",
                                        "\\\\.\\pipe\\",
                                        "\\\\.\\pipe",
                                        "\\\\host\\pipe\\name",
                                        "\\\\.\\pipe\\\xff"};
  struct bp_socket *socket = NULL;
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    CHECK_INT(listen_with(refused[i], usual, &socket), -EINVAL);
    CHECK_INT(connect_to(refused[i], &socket), -EINVAL);
  }
  CHECK_INT(bp_connect_local("\\\\.\\pipe\\a\0b", 12, &socket), -EINVAL);
  CHECK_INT(bp_connect_local("\0name", 5, &socket), -ENOTSUP);
}

static void a_name_is_taken_whole_or_refused(void) {
  char name[MOST_CHARACTERS + 2];
  struct bp_socket *server = NULL;
  memset(name, 'x', sizeof name);
  memcpy(name, "\\\\.\\pipe\\", 9);
  name[MOST_CHARACTERS + 1] = '\0';
  CHECK_INT(listen_with(name, usual, &server), -ENAMETOOLONG);
  CHECK_INT(connect_to(name, &server), -ENAMETOOLONG);
  name[MOST_CHARACTERS] = '\0';
  CHECK_INT(connect_to(name, &server), -ENOENT);
  server = serve(name);
  struct bp_socket *client = client_of(name);
  bp_socket_close(client);
  bp_socket_close(server);
}

static void a_name_may_have_any_characters(void) {
  char name[NAME_CAPACITY];
  size_t length = 0;
  (void)snprintf(name, sizeof name, "%s-gr\xc3\xbc\xc3\x9f \xf0\x9f\x9a\xb0", fresh_name());
  struct bp_socket *server = serve(name);
  struct bp_socket *client = client_of(name);
  CHECK_TEXT(bp_socket_path(client, &length), name);
  CHECK_INT(length, strlen(name));
  bp_socket_close(client);
  bp_socket_close(server);
}

static void a_name_can_be_written_in_two_ways(void) {
  char other[NAME_CAPACITY];
  const char *name = fresh_name();
  struct bp_socket *server = serve(name);
  (void)snprintf(other, sizeof other, "\\\\?\\PIPE\\%s", name + 9);
  struct bp_socket *client = client_of(other);
  struct bp_socket *accepted = accept_one(server);
  CHECK_TEXT(bp_socket_path(accepted, &(size_t){0}), name);
  bp_socket_close(accepted);
  bp_socket_close(client);
  bp_socket_close(server);
}

static void nobody_serves_the_name(void) {
  struct bp_socket *socket = NULL;
  CHECK_INT(connect_to(fresh_name(), &socket), -ENOENT);
}

static void a_name_in_use_is_refused_until_it_is_free(void) {
  const char *name = fresh_name();
  struct bp_socket *other = NULL;
  struct bp_socket *server = serve(name);
  CHECK_INT(listen_with(name, usual, &other), -EADDRINUSE);
  bp_socket_close(server);
  CHECK_INT(connect_to(name, &other), -ENOENT);
  bp_socket_close(serve(name));
}

/* ---- Servers ---- */

static void accept_with_nobody_there(void) {
  struct bp_socket *accepted = NULL;
  struct bp_socket *server = serve(fresh_name());
  CHECK_INT(bp_socket_accept(server, &accepted), -EAGAIN);
  CHECK_INT(bp_socket_holds(server, BP_CONNECTION_AVAILABLE), 0);
  bp_socket_close(server);
}

static void connections_come_in_their_order(void) {
  const char *name = fresh_name();
  struct bp_socket *server = serve(name);
  struct bp_socket *clients[3];
  for (char i = 0; i < 3; i++) {
    clients[(int)i] = client_of(name);
    CHECK_INT(bp_socket_holds(clients[(int)i], BP_CONNECTION_SUCCEEDED), BP_CONNECTION_SUCCEEDED);
    write_all(clients[(int)i], &i, 1);
    pause_ms(MOMENT_MS);
  }
  for (char i = 0; i < 3; i++) {
    char came = -1;
    struct bp_socket *accepted = accept_one(server);
    read_all(accepted, &came, 1);
    CHECK_INT(came, i);
    bp_socket_close(accepted);
    bp_socket_close(clients[(int)i]);
  }
  bp_socket_close(server);
}

static void a_client_that_has_left_is_accepted_with_its_bytes(void) {
  char came[5];
  const char *name = fresh_name();
  struct bp_socket *server = serve(name);
  struct bp_socket *client = client_of(name);
  write_all(client, "hello", 5);
  bp_socket_close(client);
  struct bp_socket *accepted = accept_one(server);
  read_all(accepted, came, 5);
  CHECK_INT(memcmp(came, "hello", 5), 0);
  check_end(accepted);
  bp_socket_close(accepted);
  bp_socket_close(server);
}

static void a_client_finds_all_instances_busy_and_tries_again(void) {
  const char *name = fresh_name();
  struct bp_socket *server = serve_with(name, 1);
  struct bp_socket *first = client_of(name);
  struct bp_socket *second = client_of(name);
  char byte = 0;
  CHECK_INT(bp_socket_holds(first, BP_DETERMINED), BP_DETERMINED);
  CHECK_INT(bp_socket_holds(second, BP_DETERMINED), 0);
  CHECK_INT(bp_socket_write(second, "x", 1), 0);
  CHECK_INT(bp_socket_read_wait(second, &byte, 1, bp_deadline_after(MOMENT_MS), false), 0);
  struct bp_socket *accepted = accept_one(server);
  CHECK_INT(await(second, BP_DETERMINED | BP_CONNECTION_SUCCEEDED | BP_CONNECTION_FAILED),
            BP_DETERMINED | BP_CONNECTION_SUCCEEDED);
  write_all(second, "y", 1);
  struct bp_socket *other = accept_one(server);
  read_all(other, &byte, 1);
  CHECK_INT(byte, 'y');
  bp_socket_close(other);
  bp_socket_close(accepted);
  bp_socket_close(second);
  bp_socket_close(first);
  bp_socket_close(server);
}

static void a_client_that_waits_for_an_instance_finds_the_server_gone(void) {
  const char *name = fresh_name();
  struct bp_socket *server = serve_with(name, 1);
  struct bp_socket *first = client_of(name);
  struct bp_socket *second = client_of(name);
  bp_socket_close(server);
  CHECK_INT(await(second, BP_DETERMINED | BP_CONNECTION_SUCCEEDED | BP_CONNECTION_FAILED),
            BP_DETERMINED | BP_CONNECTION_FAILED);
  CHECK_INT(bp_socket_error(second), -ENOENT);
  check_end(first);
  bp_socket_close(second);
  bp_socket_close(first);
}

enum { CROWD = 40 };

static void a_poller_lets_in_more_clients_than_there_are_instances(const char *backend) {
  const char *name = fresh_name();
  struct bp_socket *server = serve_with(name, 2);
  struct bp_socket *clients[CROWD];
  struct bp_socket *accepted[CROWD];
  struct bp_poller *poller = NULL;
  int arrived = 0;
  int determined = 0;
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, server, BP_CONNECTION_AVAILABLE, 0));
  for (int i = 0; i < CROWD; i++) {
    clients[i] = client_of(name);
    CHECK_OK(bp_poller_monitor(poller, clients[i], BP_CONNECTION_SUCCEEDED, 1));
  }
  while (arrived < CROWD || determined < CROWD) {
    struct bp_occurrence occurrences[8];
    const int count = bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), occurrences, 8);
    CHECK_AT_LEAST(count, 1);
    for (int i = 0; i < count; i++) {
      if (occurrences[i].tag) {
        CHECK_OK(bp_poller_unmonitor(poller, occurrences[i].socket));
        determined++;
      } else {
        CHECK_OK(bp_socket_accept(server, &accepted[arrived++]));
      }
    }
  }
  for (int i = 0; i < CROWD; i++) {
    bp_socket_close(clients[i]);
    bp_socket_close(accepted[i]);
  }
  bp_socket_close(server);
  bp_poller_close(poller);
}

/* ---- Bytes ---- */

static void bytes_go_both_ways(void) {
  struct bp_socket *pair[2];
  served_pair(pair);
  for (int i = 0; i < 2; i++) {
    char came[6];
    const struct bp_bytes pieces[] = {
        {.bytes = "he", .length = 2}, {.bytes = "", .length = 0}, {.bytes = "llo!", .length = 4}};
    CHECK_INT(bp_socket_read(pair[1 - i], came, 6, false), 0);
    CHECK_INT(bp_socket_writev(pair[i], pieces, 3), 6);
    await(pair[1 - i], BP_DATA_AVAILABLE);
    CHECK_INT(bp_socket_read(pair[1 - i], came, 2, true), 2);
    CHECK_INT(bp_socket_read(pair[1 - i], came, 6, true), 6);
    CHECK_INT(memcmp(came, "hello!", 6), 0);
    CHECK_INT(bp_socket_read(pair[1 - i], came, 2, false), 2);
    CHECK_INT(bp_socket_read(pair[1 - i], came + 2, 100, true), 4);
    CHECK_INT(bp_socket_read(pair[1 - i], came + 2, 4, false), 4);
    CHECK_INT(memcmp(came, "hello!", 6), 0);
    CHECK_INT(bp_socket_read(pair[1 - i], came, 6, true), 0);
  }
  close_pair(pair);
}

static void what_is_asked_of_both_ends(void) {
  struct bp_socket *pair[2];
  struct bp_address address;
  served_pair(pair);
  for (int i = 0; i < 2; i++) {
    struct bp_credentials peer;
    CHECK_INT(bp_socket_fd(pair[i]), -1);
    CHECK_INT(bp_socket_remote_address(pair[i], &address), -ENOTCONN);
    CHECK_OK(bp_socket_peer_credentials(pair[i], &peer));
    CHECK_INT(peer.pid, GetCurrentProcessId());
    CHECK_INT(peer.uid, -1);
    CHECK_INT(peer.gid, -1);
  }
  close_pair(pair);
}

static void a_pair_is_a_connection_without_a_name(void) {
  struct bp_socket *pair[2];
  struct bp_credentials peer;
  size_t length = 1;
  char byte = 0;
  local_pair(pair);
  CHECK_TEXT(bp_socket_path(pair[0], &length), "");
  CHECK_INT(length, 0);
  for (int i = 0; i < 2; i++) {
    CHECK_OK(bp_socket_peer_credentials(pair[i], &peer));
    CHECK_INT(peer.pid, GetCurrentProcessId());
    write_all(pair[i], "z", 1);
    read_all(pair[1 - i], &byte, 1);
    CHECK_INT(byte, 'z');
  }
  bp_socket_close(pair[0]);
  check_end(pair[1]);
  bp_socket_close(pair[1]);
}

enum { FLOOD = 8 * 1024 * 1024 };

/* The pattern of fixtures.h, in writes of ever other sizes. */
static void *write_flood(void *argument) {
  struct bp_socket *socket = argument;
  static unsigned char bytes[200000];
  size_t written = 0;
  size_t size = 1;
  while (written < FLOOD) {
    size = size * 7 % sizeof bytes + 1;
    const size_t length = size < FLOOD - written ? size : FLOOD - written;
    for (size_t i = 0; i < length; i++) {
      bytes[i] = (unsigned char)((written + i) % 251);
    }
    write_all(socket, bytes, length);
    written += length;
  }
  return NULL;
}

static void a_slow_reader_gets_every_byte_in_order(void) {
  struct bp_socket *pair[2];
  served_pair(pair);
  const pthread_t writer = thread_start(write_flood, pair[0]);
  for (size_t got = 0; got < FLOOD; got += FLOOD / 16) {
    pause_ms(10);
    read_pattern(pair[1], got, FLOOD / 16);
  }
  thread_join(writer);
  close_pair(pair);
}

static void a_full_pipe_takes_nothing_and_has_room_again(void) {
  struct bp_socket *pair[2];
  served_pair(pair);
  const size_t taken = fill(pair[0]);
  CHECK_AT_LEAST(taken, KERNEL_BUFFER);
  CHECK_INT(bp_socket_holds(pair[0], BP_READY_TO_WRITE), 0);
  CHECK_INT(bp_socket_write_wait(pair[0], "x", 1, bp_deadline_after(MOMENT_MS), false), 0);
  read_pattern(pair[1], 0, taken);
  await(pair[0], BP_READY_TO_WRITE);
  CHECK_INT(bp_socket_write(pair[0], "x", 1), 1);
  close_pair(pair);
}

static void one_write_takes_no_more_than_the_buffer_of_a_pipe(void) {
  struct bp_socket *pair[2];
  served_pair(pair);
  char *bytes = calloc(3, KERNEL_BUFFER);
  CHECK_INT(bp_socket_write(pair[0], bytes, (size_t)3 * KERNEL_BUFFER), KERNEL_BUFFER);
  const struct bp_bytes pieces[] = {{.bytes = bytes, .length = 10},
                                    {.bytes = bytes, .length = (size_t)2 * KERNEL_BUFFER}};
  CHECK_INT(bp_socket_writev(pair[1], pieces, 2), KERNEL_BUFFER);
  free(bytes);
  close_pair(pair);
}

/* ---- Ends ---- */

static void the_end_comes_after_the_bytes(void) {
  struct bp_socket *pair[2];
  char came[7];
  served_pair(pair);
  for (int i = 0; i < 2; i++) {
    if (i) {
      served_pair(pair);
    }
    write_all(pair[i], "goodbye", 7);
    bp_socket_close(pair[i]);
    struct bp_socket *left = pair[1 - i];
    CHECK_INT(await(left, BP_DATA_AVAILABLE), BP_DATA_AVAILABLE);
    CHECK_INT(
        bp_socket_holds(left, BP_REMOTE_DISCONNECTED | BP_READY_TO_WRITE | BP_CONNECTION_SUCCEEDED),
        BP_REMOTE_DISCONNECTED);
    CHECK_INT(bp_socket_read(left, came, 3, false), 3);
    CHECK_INT(bp_socket_holds(left, BP_DATA_AVAILABLE | BP_REMOTE_DISCONNECTED),
              BP_DATA_AVAILABLE | BP_REMOTE_DISCONNECTED);
    CHECK_INT(bp_socket_read(left, came + 3, 100, true), 4);
    CHECK_INT(bp_socket_read(left, came + 3, 4, false), 4);
    CHECK_INT(memcmp(came, "goodbye", 7), 0);
    CHECK_INT(bp_socket_holds(left, BP_DATA_AVAILABLE | BP_REMOTE_DISCONNECTED),
              BP_REMOTE_DISCONNECTED);
    CHECK_INT(bp_socket_read(left, came, 1, false), BP_END);
    CHECK_INT(bp_socket_read(left, came, 1, false), BP_END);
    bp_socket_close(left);
  }
}

static void to_write_to_a_peer_that_has_gone_fails(void) {
  struct bp_socket *pair[2];
  served_pair(pair);
  bp_socket_close(pair[1]);
  CHECK_INT(bp_socket_write(pair[0], "x", 1), -EPIPE);
  CHECK_INT(bp_socket_holds(pair[0], BP_READY_TO_WRITE), 0);
  CHECK_INT(bp_socket_write(pair[0], "x", 1), -EPIPE);
  bp_socket_close(pair[0]);
}

static void a_write_in_flight_fails_when_the_reader_closes(void) {
  struct bp_socket *pair[2];
  served_pair(pair);
  (void)fill(pair[0]);
  bp_socket_close(pair[1]);
  await(pair[0], BP_REMOTE_DISCONNECTED);
  CHECK_INT(bp_socket_write_wait(pair[0], "x", 1, bp_deadline_after(PATIENCE_MS), false), -EPIPE);
  bp_socket_close(pair[0]);
}

static void a_close_loses_nothing_of_a_write_in_flight(void) {
  struct bp_socket *pair[2];
  served_pair(pair);
  const int before = check_count_descriptors();
  for (int i = 0; i < 2; i++) {
    if (i) {
      served_pair(pair);
    }
    const size_t taken = fill(pair[i]);
    bp_socket_close(pair[i]);
    pause_ms(MOMENT_MS);
    read_pattern(pair[1 - i], 0, taken);
    check_end(pair[1 - i]);
    bp_socket_close(pair[1 - i]);
  }
  check_handles(before - 4); /* a pipe and an event for each end */
}

static void both_ends_close_with_writes_in_flight(void) {
  struct bp_socket *pair[2];
  served_pair(pair);
  close_pair(pair);
  const int before = check_count_descriptors();
  for (int i = 0; i < 50; i++) {
    served_pair(pair);
    (void)fill(pair[0]);
    (void)fill(pair[1]);
    close_pair(pair);
  }
  /* Neither is read any more, and neither keeps the other waiting for that. */
  check_handles(before);
}

static void a_shutdown_ends_only_our_own_writes(void) {
  struct bp_socket *pair[2];
  char byte = 0;
  served_pair(pair);
  write_all(pair[0], "x", 1);
  CHECK_OK(bp_socket_shutdown(pair[0]));
  CHECK_INT(bp_socket_write(pair[0], "y", 1), -EPIPE);
  CHECK_INT(bp_socket_holds(pair[0], BP_READY_TO_WRITE), 0);
  read_all(pair[1], &byte, 1);
  CHECK_INT(bp_socket_read(pair[1], &byte, 1, false), 0);
  CHECK_INT(bp_socket_holds(pair[1], BP_REMOTE_DISCONNECTED), 0);
  write_all(pair[1], "z", 1);
  read_all(pair[0], &byte, 1);
  CHECK_INT(byte, 'z');
  bp_socket_close(pair[0]);
  check_end(pair[1]);
  bp_socket_close(pair[1]);
}

static void a_server_that_disconnects_is_a_reset(void) {
  char byte = 0;
  DWORD written = 0;
  const char *name = fresh_name();
  const HANDLE server = foreign_server(name);
  struct bp_socket *client = client_of(name);
  CHECK(WriteFile(server, "x", 1, &written, NULL));
  CHECK(DisconnectNamedPipe(server));
  CHECK_INT(await(client, BP_REMOTE_DISCONNECTED), BP_REMOTE_DISCONNECTED);
  CHECK_INT(bp_socket_read(client, &byte, 1, false), -ECONNRESET);
  bp_socket_close(client);
  CloseHandle(server);
}

static void a_write_of_nothing_is_no_data(void) {
  DWORD written = 0;
  const char *name = fresh_name();
  const HANDLE server = foreign_server(name);
  struct bp_socket *client = client_of(name);
  struct bp_query query = {.socket = client, .events = BP_DATA_AVAILABLE};
  CHECK(WriteFile(server, "", 0, &written, NULL));
  CHECK_INT(bp_poll(&query, 1, bp_deadline_after(MOMENT_MS), false), 0);
  CHECK(WriteFile(server, "x", 1, &written, NULL));
  await(client, BP_DATA_AVAILABLE);
  bp_socket_close(client);
  CloseHandle(server);
}

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
  served_pair(pipes);
  tcp_pair(sockets);
  struct bp_query queries[] = {{.socket = pipes[0], .events = BP_DATA_AVAILABLE},
                               {.socket = sockets[0], .events = BP_DATA_AVAILABLE}};
  CHECK_INT(bp_poll(queries, 2, BP_AT_ONCE, false), 0);
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_poll(queries, 2, bp_deadline_after(MOMENT_MS), false), 0);
  CHECK_AT_LEAST(stopwatch_ms(&watch), MOMENT_MS);
  for (int i = 0; i < 10; i++) {
    const int written = i % 2;
    char byte = 0;
    struct later later = {.socket = written ? sockets[1] : pipes[1], .after_ms = i % 4 * 5};
    const pthread_t writer = thread_start(write_later, &later);
    CHECK_INT(bp_poll(queries, 2, bp_deadline_after(PATIENCE_MS), false), 1);
    CHECK_INT(queries[written].holds, BP_DATA_AVAILABLE);
    CHECK_INT(queries[1 - written].holds, 0);
    CHECK_INT(bp_poll(queries, 2, BP_FOREVER, false), 1);
    read_all(queries[written].socket, &byte, 1);
    thread_join(writer);
  }
  write_all(pipes[1], "x", 1);
  write_all(sockets[1], "x", 1);
  await(sockets[0], BP_DATA_AVAILABLE);
  CHECK_INT(bp_poll(queries, 2, BP_FOREVER, false), 2);
  close_pair(pipes);
  close_pair(sockets);
}

enum { MANY = 100 };

static void more_pipes_in_one_wait_than_windows_waits_for(void) {
  static struct bp_socket *pairs[MANY][2];
  static struct bp_query queries[MANY];
  for (int i = 0; i < MANY; i++) {
    local_pair(pairs[i]);
    queries[i] = (struct bp_query){.socket = pairs[i][0], .events = BP_DATA_AVAILABLE};
  }
  CHECK_INT(bp_poll(queries, MANY, BP_AT_ONCE, false), 0);
  struct later later = {.socket = pairs[MANY - 1][1], .after_ms = 20};
  const pthread_t writer = thread_start(write_later, &later);
  CHECK_INT(bp_poll(queries, MANY, bp_deadline_after(PATIENCE_MS), false), 1);
  CHECK_INT(queries[MANY - 1].holds, BP_DATA_AVAILABLE);
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
  served_pair(pair);
  struct later later = {.socket = pair[1], .after_ms = 20};
  const pthread_t closer = thread_start(close_later, &later);
  CHECK_INT(bp_socket_read_wait(pair[0], &byte, 1, bp_deadline_after(PATIENCE_MS), false), BP_END);
  thread_join(closer);
  bp_socket_close(pair[0]);
}

static void unread_bytes_do_not_keep_who_waits_for_the_end_busy(void) {
  struct bp_socket *pair[2];
  served_pair(pair);
  write_all(pair[1], "x", 1);
  struct bp_query query = {.socket = pair[0], .events = BP_REMOTE_DISCONNECTED};
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(bp_poll(&query, 1, bp_deadline_after(10 * MOMENT_MS), false), 0);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), 2 * MOMENT_MS);
  close_pair(pair);
}

static void wait_beside_a_connection_that_is_retried(void) {
  const char *name = fresh_name();
  struct bp_socket *pair[2];
  struct bp_socket *server = serve_with(name, 1);
  struct bp_socket *first = client_of(name);
  struct bp_socket *second = client_of(name);
  local_pair(pair);
  struct bp_query queries[] = {{.socket = second, .events = BP_DETERMINED},
                               {.socket = pair[0], .events = BP_DATA_AVAILABLE}};
  CHECK_INT(bp_poll(queries, 2, bp_deadline_after(MOMENT_MS), false), 0);
  bp_socket_close(accept_one(server));
  CHECK_INT(bp_poll(queries, 2, bp_deadline_after(PATIENCE_MS), false), 1);
  CHECK_INT(queries[0].holds, BP_DETERMINED);
  close_pair(pair);
  bp_socket_close(second);
  bp_socket_close(first);
  bp_socket_close(server);
}

/* ---- Pollers ---- */

static unsigned wait_one(struct bp_poller *poller, int milliseconds) {
  struct bp_occurrence occurrence = {0};
  const int count = bp_poller_wait(poller, bp_deadline_after(milliseconds), &occurrence, 1);
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
  served_pair(pair);
  struct bp_poller *poller =
      poller_on(backend, pair[0], BP_DATA_AVAILABLE | BP_REMOTE_DISCONNECTED);
  CHECK_INT(wait_one(poller, MOMENT_MS), 0);
  write_all(pair[1], "xy", 2);
  for (int i = 0; i < 3; i++) {
    CHECK_INT(wait_one(poller, PATIENCE_MS), BP_DATA_AVAILABLE);
  }
  read_all(pair[0], &byte, 1);
  CHECK_INT(wait_one(poller, PATIENCE_MS), BP_DATA_AVAILABLE);
  read_all(pair[0], &byte, 1);
  CHECK_INT(wait_one(poller, MOMENT_MS), 0);
  CHECK_OK(bp_poller_monitor(poller, pair[0], BP_READY_TO_WRITE, 7));
  for (int i = 0; i < 3; i++) {
    CHECK_INT(wait_one(poller, PATIENCE_MS), BP_READY_TO_WRITE);
  }
  const size_t taken = fill(pair[0]);
  CHECK_INT(wait_one(poller, MOMENT_MS), 0);
  read_pattern(pair[1], 0, taken);
  CHECK_INT(wait_one(poller, PATIENCE_MS), BP_READY_TO_WRITE);
  CHECK_OK(bp_poller_monitor(poller, pair[0], BP_DATA_AVAILABLE | BP_REMOTE_DISCONNECTED, 7));
  write_all(pair[1], "z", 1);
  bp_socket_close(pair[1]);
  CHECK_INT(wait_one(poller, PATIENCE_MS), BP_DATA_AVAILABLE | BP_REMOTE_DISCONNECTED);
  read_all(pair[0], &byte, 1);
  for (int i = 0; i < 3; i++) {
    CHECK_INT(wait_one(poller, PATIENCE_MS), BP_REMOTE_DISCONNECTED);
  }
  bp_poller_close(poller);
  bp_socket_close(pair[0]);
}

static void a_poller_tells_the_end_once_the_bytes_are_read(const char *backend) {
  struct bp_socket *pair[2];
  char byte = 0;
  served_pair(pair);
  write_all(pair[1], "x", 1);
  struct bp_poller *poller = poller_on(backend, pair[0], BP_REMOTE_DISCONNECTED);
  const struct stopwatch watch = stopwatch_start();
  CHECK_INT(wait_one(poller, 10 * MOMENT_MS), 0);
  CHECK_AT_MOST(stopwatch_cpu_ms(&watch), 2 * MOMENT_MS);
  read_all(pair[0], &byte, 1);
  CHECK_INT(wait_one(poller, MOMENT_MS), 0);
  bp_socket_close(pair[1]);
  CHECK_INT(wait_one(poller, PATIENCE_MS), BP_REMOTE_DISCONNECTED);
  bp_poller_close(poller);
  bp_socket_close(pair[0]);
}

static void two_pollers_are_told_of_one_pipe(const char *backend) {
  struct bp_socket *pair[2];
  char byte = 0;
  served_pair(pair);
  struct bp_poller *first = poller_on(backend, pair[0], BP_DATA_AVAILABLE);
  struct bp_poller *second = poller_on(backend, pair[0], BP_DATA_AVAILABLE | BP_READY_TO_WRITE);
  CHECK_INT(wait_one(first, MOMENT_MS), 0);
  CHECK_INT(wait_one(second, PATIENCE_MS), BP_READY_TO_WRITE);
  write_all(pair[1], "x", 1);
  CHECK_INT(wait_one(first, PATIENCE_MS), BP_DATA_AVAILABLE);
  await(pair[0], BP_DATA_AVAILABLE);
  CHECK_INT(wait_one(second, PATIENCE_MS), BP_DATA_AVAILABLE | BP_READY_TO_WRITE);
  read_all(pair[0], &byte, 1);
  CHECK_INT(wait_one(first, MOMENT_MS), 0);
  bp_poller_close(first);
  write_all(pair[1], "x", 1);
  CHECK_INT(wait_one(second, PATIENCE_MS) & BP_DATA_AVAILABLE, BP_DATA_AVAILABLE);
  bp_poller_close(second);
  struct bp_poller *third = poller_on(backend, pair[0], BP_DATA_AVAILABLE);
  CHECK_INT(wait_one(third, PATIENCE_MS), BP_DATA_AVAILABLE);
  bp_poller_close(third);
  close_pair(pair);
}

static void a_poller_of_pipes_and_sockets(const char *backend) {
  struct bp_socket *pipes[2];
  struct bp_socket *sockets[2];
  unsigned seen = 0;
  served_pair(pipes);
  tcp_pair(sockets);
  struct bp_poller *poller = poller_on(backend, pipes[0], BP_DATA_AVAILABLE);
  CHECK_OK(bp_poller_monitor(poller, sockets[0], BP_DATA_AVAILABLE, 8));
  CHECK_INT(wait_one(poller, MOMENT_MS), 0);
  write_all(pipes[1], "x", 1);
  write_all(sockets[1], "x", 1);
  while (seen != 3) { /* in turns, though there is room for one only */
    struct bp_occurrence occurrence = {0};
    CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), &occurrence, 1), 1);
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
  served_pair(pair);
  struct bp_poller *poller = poller_on(backend, pair[0], BP_DATA_AVAILABLE);
  uint64_t waker = bp_poller_waker(poller);
  const pthread_t thread = thread_start(wake_later, &waker);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), &occurrence, 1), 0);
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
  served_pair(pair);
  struct parked parked = {.poller = poller_on(backend, pair[0], BP_DATA_AVAILABLE)};
  pthread_t thread = thread_start(park, &parked);
  pause_ms(MOMENT_MS);
  CHECK_INT(atomic_load(&parked.rounds), 0);
  write_all(pair[1], "x", 1);
  thread_join(thread);
  CHECK_INT(wait_one(parked.poller, 0), BP_DATA_AVAILABLE);
  /* And of one that is monitored only then. */
  CHECK_OK(bp_poller_unmonitor(parked.poller, pair[0]));
  CHECK_INT(wait_one(parked.poller, 0), 0);
  thread = thread_start(park, &parked);
  pause_ms(MOMENT_MS);
  CHECK_OK(bp_poller_monitor(parked.poller, pair[0], BP_DATA_AVAILABLE, 7));
  thread_join(thread);
  CHECK_INT(wait_one(parked.poller, PATIENCE_MS), BP_DATA_AVAILABLE);
  bp_poller_close(parked.poller);
  close_pair(pair);
}

static void sockets_close_with_operations_pending(const char *backend) {
  struct bp_poller *poller = NULL;
  struct bp_socket *pair[2];
  const char *name = fresh_name();
  struct bp_socket *server = serve(name);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, server, BP_CONNECTION_AVAILABLE, 0));
  CHECK_INT(wait_one(poller, 0), 0);
  const int before = check_count_descriptors();
  for (int i = 0; i < ROUNDS; i++) {
    pair[0] = client_of(name);
    pair[1] = accept_one(server);
    for (int j = 0; j < 2; j++) {
      CHECK_OK(bp_poller_monitor(poller, pair[j], BP_DATA_AVAILABLE | BP_REMOTE_DISCONNECTED, 1));
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
  served_pair(pair);
  struct bp_socket *server = serve(fresh_name());
  bp_poller_close(poller_on(backend, pair[0], BP_DATA_AVAILABLE));
  const int before = check_count_descriptors();
  for (int i = 0; i < ROUNDS; i++) {
    struct bp_poller *poller = poller_on(backend, pair[0], BP_DATA_AVAILABLE);
    CHECK_OK(bp_poller_monitor(poller, server, BP_CONNECTION_AVAILABLE, 0));
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
  const char *name = fresh_name();
  bp_socket_close(serve(name));
  const int before = check_count_descriptors();
  for (int i = 0; i < ROUNDS / 4; i++) {
    struct bp_socket *client = NULL;
    struct bp_socket *server = serve(name);
    if (i % 2) {
      client = client_of(name);
    }
    bp_socket_close(server);
    if (client) {
      check_end(client);
      bp_socket_close(client);
    }
  }
  check_handles(before);
}

static const struct check_case cases[] = {
    CASE(what_is_no_name_of_a_pipe_is_refused),
    CASE(a_name_is_taken_whole_or_refused),
    CASE(a_name_may_have_any_characters),
    CASE(a_name_can_be_written_in_two_ways),
    CASE(nobody_serves_the_name),
    CASE(a_name_in_use_is_refused_until_it_is_free),
    CASE(accept_with_nobody_there),
    CASE(connections_come_in_their_order),
    CASE(a_client_that_has_left_is_accepted_with_its_bytes),
    CASE(a_client_finds_all_instances_busy_and_tries_again),
    CASE(a_client_that_waits_for_an_instance_finds_the_server_gone),
    CASE_ON_BACKENDS(a_poller_lets_in_more_clients_than_there_are_instances),
    CASE(bytes_go_both_ways),
    CASE(what_is_asked_of_both_ends),
    CASE(a_pair_is_a_connection_without_a_name),
    CASE(a_slow_reader_gets_every_byte_in_order),
    CASE(a_full_pipe_takes_nothing_and_has_room_again),
    CASE(one_write_takes_no_more_than_the_buffer_of_a_pipe),
    CASE(the_end_comes_after_the_bytes),
    CASE(to_write_to_a_peer_that_has_gone_fails),
    CASE(a_write_in_flight_fails_when_the_reader_closes),
    CASE(a_close_loses_nothing_of_a_write_in_flight),
    CASE(both_ends_close_with_writes_in_flight),
    CASE(a_shutdown_ends_only_our_own_writes),
    CASE(a_server_that_disconnects_is_a_reset),
    CASE(a_write_of_nothing_is_no_data),
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
