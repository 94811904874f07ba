/* Local streams as named pipes, which are of Windows alone: names, servers, bytes and ends. */
#include "check.h"
#include "deadline.h"
#include "fixtures.h"
#include "fixtures_pipes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define MOST_CHARACTERS 256
#define KERNEL_BUFFER 65536

static int listen_with(const char *name, struct bp_listen_local_options options,
                       struct bp_socket **out) {
  options.path = name;
  options.path_length = strlen(name);
  return bp_listen_local(&options, out);
}

static int connect_to(const char *name, struct bp_socket **out) {
  return bp_connect_local(name, strlen(name), out);
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
  struct bp_socket *client = pipe_client(name);
  bp_socket_close(client);
  bp_socket_close(server);
}

static void a_name_may_have_any_characters(void) {
  char name[128];
  size_t length = 0;
  (void)snprintf(name, sizeof name, "%s-gr\xc3\xbc\xc3\x9f \xf0\x9f\x9a\xb0", pipe_name());
  struct bp_socket *server = serve(name);
  struct bp_socket *client = pipe_client(name);
  CHECK_TEXT(bp_socket_path(client, &length), name);
  CHECK_INT(length, strlen(name));
  bp_socket_close(client);
  bp_socket_close(server);
}

static void a_name_can_be_written_in_two_ways(void) {
  char other[128];
  const char *name = pipe_name();
  struct bp_socket *server = serve(name);
  (void)snprintf(other, sizeof other, "\\\\?\\PIPE\\%s", name + 9);
  struct bp_socket *client = pipe_client(other);
  struct bp_socket *accepted = accept_one(server);
  CHECK_TEXT(bp_socket_path(accepted, &(size_t){0}), name);
  bp_socket_close(accepted);
  bp_socket_close(client);
  bp_socket_close(server);
}

static void nobody_serves_the_name(void) {
  struct bp_socket *socket = NULL;
  CHECK_INT(connect_to(pipe_name(), &socket), -ENOENT);
}

static void a_name_in_use_is_refused_until_it_is_free(void) {
  const char *name = pipe_name();
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
  struct bp_socket *server = serve(pipe_name());
  CHECK_INT(bp_socket_accept(server, &accepted), -EAGAIN);
  CHECK_INT(bp_socket_holds(server, BP_EVENT_CONNECTION_AVAILABLE), 0);
  bp_socket_close(server);
}

static void connections_come_in_their_order(void) {
  const char *name = pipe_name();
  struct bp_socket *server = serve(name);
  struct bp_socket *clients[3];
  for (char i = 0; i < 3; i++) {
    clients[(int)i] = pipe_client(name);
    CHECK_INT(bp_socket_holds(clients[(int)i], BP_EVENT_CONNECTION_SUCCEEDED),
              BP_EVENT_CONNECTION_SUCCEEDED);
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
  const char *name = pipe_name();
  struct bp_socket *server = serve(name);
  struct bp_socket *client = pipe_client(name);
  write_all(client, "hello", 5);
  bp_socket_close(client);
  struct bp_socket *accepted = accept_one(server);
  read_all(accepted, came, 5);
  CHECK_INT(memcmp(came, "hello", 5), 0);
  check_pipe_end(accepted);
  bp_socket_close(accepted);
  bp_socket_close(server);
}

static void a_client_finds_all_instances_busy_and_tries_again(void) {
  const char *name = pipe_name();
  struct bp_socket *server = serve_with(name, 1);
  struct bp_socket *first = pipe_client(name);
  struct bp_socket *second = pipe_client(name);
  char byte = 0;
  CHECK_INT(bp_socket_holds(first, BP_EVENT_DETERMINED), BP_EVENT_DETERMINED);
  CHECK_INT(bp_socket_holds(second, BP_EVENT_DETERMINED), 0);
  CHECK_INT(bp_socket_write(second, "x", 1), 0);
  CHECK_INT(bp_socket_read_wait(second, &byte, 1, bp_deadline_after(MOMENT_MS), NULL), 0);
  struct bp_socket *accepted = accept_one(server);
  CHECK_INT(await(second,
                  BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_CONNECTION_FAILED),
            BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED);
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
  const char *name = pipe_name();
  struct bp_socket *server = serve_with(name, 1);
  struct bp_socket *first = pipe_client(name);
  struct bp_socket *second = pipe_client(name);
  bp_socket_close(server);
  CHECK_INT(await(second,
                  BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_CONNECTION_FAILED),
            BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_FAILED);
  CHECK_INT(bp_socket_error(second), -ENOENT);
  check_pipe_end(first);
  bp_socket_close(second);
  bp_socket_close(first);
}

enum { CROWD = 40 };

static void a_poller_lets_in_more_clients_than_there_are_instances(const char *backend) {
  const char *name = pipe_name();
  struct bp_socket *server = serve_with(name, 2);
  struct bp_socket *clients[CROWD];
  struct bp_socket *accepted[CROWD];
  struct bp_poller *poller = NULL;
  int arrived = 0;
  int determined = 0;
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, server, BP_EVENT_CONNECTION_AVAILABLE, 0));
  for (int i = 0; i < CROWD; i++) {
    clients[i] = pipe_client(name);
    CHECK_OK(bp_poller_monitor(poller, clients[i], BP_EVENT_CONNECTION_SUCCEEDED, 1));
  }
  while (arrived < CROWD || determined < CROWD) {
    struct bp_occurrence occurrences[8];
    const int count = bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, occurrences, 8);
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
  pipe_pair(pair);
  for (int i = 0; i < 2; i++) {
    char came[6];
    const struct bp_bytes pieces[] = {
        {.bytes = "he", .length = 2}, {.bytes = "", .length = 0}, {.bytes = "llo!", .length = 4}};
    CHECK_INT(bp_socket_read(pair[1 - i], came, 6, false), 0);
    CHECK_INT(bp_socket_writev(pair[i], pieces, 3), 6);
    await(pair[1 - i], BP_EVENT_DATA_AVAILABLE);
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
  pipe_pair(pair);
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
  check_pipe_end(pair[1]);
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
  pipe_pair(pair);
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
  pipe_pair(pair);
  const size_t taken = fill(pair[0]);
  CHECK_AT_LEAST(taken, KERNEL_BUFFER);
  CHECK_INT(bp_socket_holds(pair[0], BP_EVENT_READY_TO_WRITE), 0);
  CHECK_INT(bp_socket_write_wait(pair[0], "x", 1, bp_deadline_after(MOMENT_MS), NULL), 0);
  read_pattern(pair[1], 0, taken);
  await(pair[0], BP_EVENT_READY_TO_WRITE);
  CHECK_INT(bp_socket_write(pair[0], "x", 1), 1);
  close_pair(pair);
}

static void one_write_takes_no_more_than_the_buffer_of_a_pipe(void) {
  struct bp_socket *pair[2];
  pipe_pair(pair);
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
  pipe_pair(pair);
  for (int i = 0; i < 2; i++) {
    if (i) {
      pipe_pair(pair);
    }
    write_all(pair[i], "goodbye", 7);
    bp_socket_close(pair[i]);
    struct bp_socket *left = pair[1 - i];
    CHECK_INT(await(left, BP_EVENT_DATA_AVAILABLE), BP_EVENT_DATA_AVAILABLE);
    CHECK_INT(bp_socket_holds(left, BP_EVENT_REMOTE_DISCONNECTED | BP_EVENT_READY_TO_WRITE |
                                        BP_EVENT_CONNECTION_SUCCEEDED),
              BP_EVENT_REMOTE_DISCONNECTED);
    CHECK_INT(bp_socket_read(left, came, 3, false), 3);
    CHECK_INT(bp_socket_holds(left, BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED),
              BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED);
    CHECK_INT(bp_socket_read(left, came + 3, 100, true), 4);
    CHECK_INT(bp_socket_read(left, came + 3, 4, false), 4);
    CHECK_INT(memcmp(came, "goodbye", 7), 0);
    CHECK_INT(bp_socket_holds(left, BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED),
              BP_EVENT_REMOTE_DISCONNECTED);
    CHECK_INT(bp_socket_read(left, came, 1, false), BP_END);
    CHECK_INT(bp_socket_read(left, came, 1, false), BP_END);
    bp_socket_close(left);
  }
}

static void to_write_to_a_peer_that_has_gone_fails(void) {
  struct bp_socket *pair[2];
  pipe_pair(pair);
  bp_socket_close(pair[1]);
  CHECK_INT(bp_socket_write(pair[0], "x", 1), -EPIPE);
  CHECK_INT(bp_socket_holds(pair[0], BP_EVENT_READY_TO_WRITE), 0);
  CHECK_INT(bp_socket_write(pair[0], "x", 1), -EPIPE);
  bp_socket_close(pair[0]);
}

static void a_write_in_flight_fails_when_the_reader_closes(void) {
  struct bp_socket *pair[2];
  pipe_pair(pair);
  (void)fill(pair[0]);
  bp_socket_close(pair[1]);
  await(pair[0], BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(bp_socket_write_wait(pair[0], "x", 1, bp_deadline_after(PATIENCE_MS), NULL), -EPIPE);
  bp_socket_close(pair[0]);
}

static void a_close_loses_nothing_of_a_write_in_flight(void) {
  struct bp_socket *pair[2];
  pipe_pair(pair);
  const int before = check_count_descriptors();
  for (int i = 0; i < 2; i++) {
    if (i) {
      pipe_pair(pair);
    }
    const size_t taken = fill(pair[i]);
    bp_socket_close(pair[i]);
    pause_ms(MOMENT_MS);
    read_pattern(pair[1 - i], 0, taken);
    check_pipe_end(pair[1 - i]);
    bp_socket_close(pair[1 - i]);
  }
  check_handles(before - 4); /* a pipe and an event for each end */
}

static void both_ends_close_with_writes_in_flight(void) {
  struct bp_socket *pair[2];
  pipe_pair(pair);
  close_pair(pair);
  const int before = check_count_descriptors();
  for (int i = 0; i < 50; i++) {
    pipe_pair(pair);
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
  pipe_pair(pair);
  write_all(pair[0], "x", 1);
  CHECK_OK(bp_socket_shutdown(pair[0]));
  CHECK_INT(bp_socket_write(pair[0], "y", 1), -EPIPE);
  CHECK_INT(bp_socket_holds(pair[0], BP_EVENT_READY_TO_WRITE), 0);
  read_all(pair[1], &byte, 1);
  CHECK_INT(bp_socket_read(pair[1], &byte, 1, false), 0);
  CHECK_INT(bp_socket_holds(pair[1], BP_EVENT_REMOTE_DISCONNECTED), 0);
  write_all(pair[1], "z", 1);
  read_all(pair[0], &byte, 1);
  CHECK_INT(byte, 'z');
  bp_socket_close(pair[0]);
  check_pipe_end(pair[1]);
  bp_socket_close(pair[1]);
}

static void a_server_that_disconnects_is_a_reset(void) {
  char byte = 0;
  DWORD written = 0;
  const char *name = pipe_name();
  const HANDLE server = foreign_server(name);
  struct bp_socket *client = pipe_client(name);
  CHECK(WriteFile(server, "x", 1, &written, NULL));
  CHECK(DisconnectNamedPipe(server));
  CHECK_INT(await(client, BP_EVENT_REMOTE_DISCONNECTED), BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(bp_socket_read(client, &byte, 1, false), -ECONNRESET);
  bp_socket_close(client);
  CloseHandle(server);
}

static void a_write_of_nothing_is_no_data(void) {
  DWORD written = 0;
  const char *name = pipe_name();
  const HANDLE server = foreign_server(name);
  struct bp_socket *client = pipe_client(name);
  struct bp_query query = {.socket = client, .events = BP_EVENT_DATA_AVAILABLE};
  CHECK(WriteFile(server, "", 0, &written, NULL));
  CHECK_INT(bp_poll(&query, 1, bp_deadline_after(MOMENT_MS), NULL), 0);
  CHECK(WriteFile(server, "x", 1, &written, NULL));
  await(client, BP_EVENT_DATA_AVAILABLE);
  bp_socket_close(client);
  CloseHandle(server);
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
};

CHECK_MAIN(cases)
