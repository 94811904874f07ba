#include "check.h"
#include "fixtures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h> /* getpid */

#ifndef _WIN32
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#endif

#define CONNECTION_EVENTS                                                                          \
  (BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_CONNECTION_FAILED)

/* ---- Connecting ---- */

static void check_talk(struct bp_socket *pair[2]) {
  char bytes[8];
  for (int from = 0; from < 2; from++) {
    write_all(pair[from], "hello", 5);
    read_all(pair[!from], bytes, 5);
    CHECK_INT(memcmp(bytes, "hello", 5), 0);
  }
}

static void check_tcp_on(const char *host) {
  struct bp_address server_address;
  struct bp_address address;
  struct bp_socket *server = tcp_server(host);
  struct bp_socket *pair[2] = {tcp_client(server), NULL};
  CHECK_INT(bp_socket_kind(server), BP_KIND_TCP_SERVER);
  CHECK_INT(bp_socket_kind(pair[0]), BP_KIND_TCP_STREAM);
  pair[1] = accept_one(server);
  CHECK_INT(bp_socket_kind(pair[1]), BP_KIND_TCP_STREAM);
  CHECK_INT(await(pair[0], CONNECTION_EVENTS), BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED);
  CHECK_OK(bp_socket_error(pair[0]));
  check_talk(pair);

  CHECK_OK(bp_socket_local_address(server, &server_address));
  CHECK_TEXT(server_address.host, host);
  CHECK_OK(bp_socket_remote_address(pair[0], &address));
  CHECK_TEXT(address.host, host);
  CHECK_INT(address.port, server_address.port);
  CHECK_OK(bp_socket_local_address(pair[0], &server_address));
  CHECK_OK(bp_socket_remote_address(pair[1], &address));
  CHECK_INT(address.port, server_address.port);
  CHECK_INT(bp_socket_remote_address(server, &address), -ENOTCONN);
  close_pair(pair);
  bp_socket_close(server);
}

static void tcp_v4(void) {
  check_tcp_on("127.0.0.1");
}

static bool has_v6(void) {
  struct bp_socket *server = NULL;
  const struct bp_listen_tcp_options options = {.host = "::1", .backlog = 1};
  if (bp_listen_tcp(&options, &server)) {
    return false;
  }
  bp_socket_close(server);
  return true;
}

static void tcp_v6(void) {
  if (!has_v6()) {
    check_skip("there is no IPv6 here");
  }
  check_tcp_on("::1");
}

static void v6_only_leaves_the_port_to_v4(void) {
  struct bp_socket *servers[2];
  struct bp_address address;
  if (!has_v6()) {
    check_skip("there is no IPv6 here");
  }
  const struct bp_listen_tcp_options v6 = {.host = "::", .backlog = 1, .ipv6_only = true};
  struct bp_listen_tcp_options v4 = {.host = "0.0.0.0", .backlog = 1};
  int error = -EADDRINUSE;
  for (int tries = 0; error == -EADDRINUSE && tries < 100; tries++) {
    CHECK_OK(bp_listen_tcp(&v6, &servers[0]));
    CHECK_OK(bp_socket_local_address(servers[0], &address));
    v4.port = address.port;
    error = bp_listen_tcp(&v4, &servers[1]); /* another program may have this one, but not all */
    bp_socket_close(servers[0]);
  }
  CHECK_OK(error);
  bp_socket_close(servers[1]);
}

static void a_dual_stack_server_takes_v4(void) {
  struct bp_socket *server = NULL;
  struct bp_address address;
  if (!has_v6()) {
    check_skip("there is no IPv6 here");
  }
  const struct bp_listen_tcp_options options = {.host = "::", .backlog = 1};
  CHECK_OK(bp_listen_tcp(&options, &server));
  CHECK_OK(bp_socket_local_address(server, &address));
  const struct bp_connect_tcp_options to = {.host = "127.0.0.1", .port = address.port};
  struct bp_socket *pair[2];
  CHECK_OK(bp_connect_tcp(&to, &pair[0]));
  pair[1] = accept_one(server);
  CHECK_OK(bp_socket_remote_address(pair[1], &address));
  CHECK_TEXT(address.host, "::ffff:127.0.0.1");
  check_talk(pair);
  close_pair(pair);
  bp_socket_close(server);
}

/* Before the client has looked for the first time. */
static void a_connection_that_was_reset_at_once_is_determined(void) {
  char byte = 0;
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *client = tcp_client(server);
  close_with_reset(accept_one(server));
  CHECK(await(client, BP_EVENT_DETERMINED) != 0);
  const int error = bp_socket_error(client);
  CHECK_INT(error ? error : bp_socket_read(client, &byte, 1, false), -ECONNRESET);
  bp_socket_close(client);
  bp_socket_close(server);
}

static void a_taken_port_is_refused(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *second = NULL;
  struct bp_address address;
  CHECK_OK(bp_socket_local_address(server, &address));
  const struct bp_listen_tcp_options options = {
      .host = "127.0.0.1", .port = address.port, .backlog = 1, .reuse_address = true};
  CHECK_INT(bp_listen_tcp(&options, &second), -EADDRINUSE);
  CHECK(second == NULL);
  bp_socket_close(server);
}

static void reuse_port_shares_it(void) {
  struct bp_socket *servers[2];
  struct bp_listen_tcp_options options = {.host = "127.0.0.1", .backlog = 1, .reuse_port = true};
#ifdef _WIN32
  CHECK_INT(bp_listen_tcp(&options, servers), -ENOTSUP);
#else
  struct bp_address address;
  CHECK_OK(bp_listen_tcp(&options, &servers[0]));
  CHECK_OK(bp_socket_local_address(servers[0], &address));
  options.port = address.port;
  CHECK_OK(bp_listen_tcp(&options, &servers[1]));
  close_pair(servers);
#endif
}

static void names_are_not_addresses(void) {
  struct bp_socket *socket = NULL;
  CHECK_INT(bp_listen_tcp(&(struct bp_listen_tcp_options){.host = "localhost"}, &socket), -EINVAL);
  CHECK_INT(bp_connect_tcp(&(struct bp_connect_tcp_options){.host = "localhost"}, &socket),
            -EINVAL);
  const struct bp_connect_tcp_options options = {
      .host = "127.0.0.1", .port = 1, .local_host = "localhost"};
  CHECK_INT(bp_connect_tcp(&options, &socket), -EINVAL);
  CHECK(socket == NULL);
}

static void a_refusal_is_the_outcome_of_the_connection(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_address address;
  struct bp_socket *client = NULL;
  char byte = 0;
  CHECK_OK(bp_socket_local_address(server, &address));
  bp_socket_close(server);
  const struct bp_connect_tcp_options options = {.host = "127.0.0.1", .port = address.port};
  CHECK_OK(bp_connect_tcp(&options, &client));
  CHECK_INT(await(client, CONNECTION_EVENTS), BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_FAILED);
  for (int i = 0; i < 2; i++) { /* and it stays so, though the system tells it only once */
    CHECK_INT(bp_socket_error(client), -ECONNREFUSED);
    CHECK_INT(bp_socket_read(client, &byte, 1, false), -ECONNREFUSED);
    CHECK_INT(bp_socket_write(client, &byte, 1), -ECONNREFUSED);
    CHECK_INT(bp_socket_shutdown(client), -ECONNREFUSED);
    CHECK_INT(bp_socket_holds(client, bp_events_of(BP_KIND_TCP_STREAM)),
              BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_FAILED);
  }
  bp_socket_close(client);
}

static void a_chosen_local_address_is_taken(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_address address;
  struct bp_socket *pair[2];
  CHECK_OK(bp_socket_local_address(server, &address));
  const struct bp_connect_tcp_options options = {
      .host = "127.0.0.1",
      .port = address.port,
      .local_host = "127.0.0.2",
      .tcp = {.given = 1U << BP_TCP_KEEP_ALIVE, .numbers[BP_TCP_KEEP_ALIVE] = 1}};
  CHECK_OK(bp_connect_tcp(&options, &pair[0]));
  pair[1] = accept_one(server);
  CHECK_OK(bp_socket_remote_address(pair[1], &address));
  CHECK_TEXT(address.host, "127.0.0.2");
  close_pair(pair);
  bp_socket_close(server);
}

static void nobody_waiting_is_told(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *accepted = NULL;
  CHECK_INT(bp_socket_holds(server, BP_EVENT_CONNECTION_AVAILABLE), 0);
  CHECK_INT(bp_socket_accept(server, &accepted), -EAGAIN);
  CHECK(accepted == NULL);
  bp_socket_close(server);
}

static void a_server_is_no_stream(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  char byte = 0;
  CHECK_INT(bp_socket_read(server, &byte, 1, false), -ENOTCONN);
  CHECK_INT(bp_socket_write(server, &byte, 1), -ENOTCONN);
  CHECK_INT(bp_socket_shutdown(server), -ENOTCONN);
  bp_socket_close(server);
}

static void each_descriptor_is_close_on_exec_and_non_blocking(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *pair[2] = {tcp_client(server), NULL};
  pair[1] = accept_one(server);
  check_non_blocking_and_close_on_exec(bp_socket_fd(server));
  check_non_blocking_and_close_on_exec(bp_socket_fd(pair[0]));
  check_non_blocking_and_close_on_exec(bp_socket_fd(pair[1]));
  close_pair(pair);
  bp_socket_close(server);
#ifndef _WIN32 /* where local streams have none */
  local_pair(pair);
  check_non_blocking_and_close_on_exec(bp_socket_fd(pair[0]));
  check_non_blocking_and_close_on_exec(bp_socket_fd(pair[1]));
  close_pair(pair);
#endif
}

/* ---- Over every transport ---- */

static void on_each_transport(void (*check)(struct bp_socket *pair[2])) {
  struct bp_socket *pair[2];
  tcp_pair(pair);
  check(pair); /* which closes both */
  local_pair(pair);
  check(pair);
}

static void on_each_socket_transport(void (*check)(struct bp_socket *pair[2])) {
  struct bp_socket *pair[2];
  tcp_pair(pair);
  check(pair);
  half_closing_pair(pair);
  check(pair);
}

static void check_future_protocol(struct bp_socket *pair[2]) {
  for (int i = 0; i < 2; i++) {
    CHECK_INT(bp_socket_holds(pair[i], CONNECTION_EVENTS),
              BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED);
    CHECK_OK(bp_socket_error(pair[i]));
  }
  check_talk(pair);
  close_pair(pair);
}

static void both_ends_are_connected(void) {
  on_each_transport(check_future_protocol);
}

static void check_reading(struct bp_socket *pair[2]) {
  char bytes[8] = {0};
  CHECK_INT(bp_socket_read(pair[1], bytes, sizeof bytes, false), 0);
  CHECK_INT(bp_socket_write(pair[0], "abcdef", 6), 6);
  await(pair[1], BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(bp_socket_read(pair[1], bytes, 0, false), 0);
  CHECK_INT(bp_socket_read(pair[1], bytes, 4, true), 4);
  CHECK_INT(memcmp(bytes, "abcd", 4), 0);
  CHECK_INT(bp_socket_read(pair[1], bytes, 3, false), 3);
  CHECK_INT(memcmp(bytes, "abc", 3), 0);
  CHECK_INT(bp_socket_read(pair[1], bytes, sizeof bytes, false), 3);
  CHECK_INT(memcmp(bytes, "def", 3), 0);
  CHECK_INT(bp_socket_read(pair[1], bytes, sizeof bytes, false), 0);
  CHECK_INT(bp_socket_write(pair[0], bytes, 0), 0);
  close_pair(pair);
}

static void read_peek_and_nothing_there(void) {
  on_each_transport(check_reading);
}

static void check_end(struct bp_socket *pair[2]) {
  char bytes[8];
  CHECK_INT(bp_socket_write(pair[0], "last", 4), 4);
  bp_socket_close(pair[0]);
  if (tells_end_behind_bytes(bp_backends()[0])) {
    CHECK_INT(await(pair[1], BP_EVENT_REMOTE_DISCONNECTED), BP_EVENT_REMOTE_DISCONNECTED);
  }
  await(pair[1], BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(bp_socket_holds(pair[1], BP_EVENT_DATA_AVAILABLE), BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(bp_socket_read(pair[1], bytes, sizeof bytes, true), 4);
  CHECK_INT(bp_socket_read(pair[1], bytes, sizeof bytes, false), 4);
  await(pair[1], BP_EVENT_REMOTE_DISCONNECTED);
  for (int i = 0; i < 3; i++) {
    CHECK_INT(bp_socket_read(pair[1], bytes, sizeof bytes, i == 1), BP_END);
    CHECK_INT(bp_socket_holds(pair[1], BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED),
              BP_EVENT_REMOTE_DISCONNECTED);
  }
  bp_socket_close(pair[1]);
}

static void the_end_comes_after_the_last_byte(void) {
  on_each_socket_transport(check_end);
}

static void check_half_close(struct bp_socket *pair[2]) {
  char bytes[8];
  CHECK_OK(bp_socket_shutdown(pair[0]));
  CHECK_INT(bp_socket_holds(pair[0], BP_EVENT_READY_TO_WRITE), 0);
  CHECK_INT(bp_socket_write(pair[0], "x", 1), -EPIPE);
  await(pair[1], BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(bp_socket_read(pair[1], bytes, sizeof bytes, false), BP_END);
  /* The other direction goes on. */
  CHECK_INT(bp_socket_holds(pair[1], BP_EVENT_READY_TO_WRITE), BP_EVENT_READY_TO_WRITE);
  CHECK_INT(bp_socket_write(pair[1], "still", 5), 5);
  read_all(pair[0], bytes, 5);
  CHECK_OK(bp_socket_shutdown(pair[0])); /* again, which changes nothing */
  CHECK_OK(bp_socket_shutdown(pair[1]));
  await(pair[0], BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(bp_socket_read(pair[0], bytes, sizeof bytes, false), BP_END);
  close_pair(pair);
}

static void half_close(void) {
  on_each_socket_transport(check_half_close);
}

static void check_pieces(struct bp_socket *pair[2]) {
  const struct bp_bytes pieces[] = {{"one", 3}, {NULL, 0}, {" two", 4}, {" three", 6}};
  char bytes[13];
  CHECK_INT(bp_socket_writev(pair[0], pieces, 4), 13);
  read_all(pair[1], bytes, 13);
  CHECK_INT(memcmp(bytes, "one two three", 13), 0);
  CHECK_INT(bp_socket_writev(pair[0], pieces, 0), 0);
  CHECK_INT(bp_socket_writev(pair[0], pieces + 1, 1), 0);
  close_pair(pair);
}

static void pieces_go_as_one(void) {
  on_each_transport(check_pieces);
}

static void check_many_pieces(struct bp_socket *pair[2]) {
  struct bp_bytes pieces[BP_MAX_PIECES + 10];
  char bytes[BP_MAX_PIECES];
  for (size_t i = 0; i < BP_MAX_PIECES + 10; i++) {
    pieces[i] = (struct bp_bytes){"x", 1};
  }
  CHECK_INT(bp_socket_writev(pair[0], pieces, BP_MAX_PIECES + 10), BP_MAX_PIECES);
  read_all(pair[1], bytes, sizeof bytes);
  close_pair(pair);
}

static void too_many_pieces_wait_for_the_next_call(void) {
  on_each_transport(check_many_pieces);
}

static void check_fill(struct bp_socket *pair[2]) {
  const size_t total = fill(pair[0]);
  CHECK_AT_LEAST(total, 1);
  CHECK_INT(bp_socket_write(pair[0], "x", 1), 0);
  CHECK_INT(bp_socket_writev(pair[0], &(struct bp_bytes){"x", 1}, 1), 0);
  CHECK_INT(bp_socket_holds(pair[0], BP_EVENT_READY_TO_WRITE), 0);
  read_pattern(pair[1], 0, total);
  await(pair[0], BP_EVENT_READY_TO_WRITE);
  CHECK_INT(bp_socket_read(pair[1], &(char){0}, 1, false), 0);
  close_pair(pair);
}

static void a_full_buffer_takes_nothing_and_loses_nothing(void) {
  on_each_transport(check_fill);
}

/* ---- What breaks ---- */

static void a_reset_is_told(void) {
  struct bp_socket *pair[2];
  char byte = 0;
  tcp_pair(pair);
  close_with_reset(pair[0]);
  CHECK_INT(await(pair[1], BP_EVENT_REMOTE_DISCONNECTED), BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(bp_socket_read(pair[1], &byte, 1, false), -ECONNRESET);
  bp_socket_close(pair[1]);
}

/* To look whether there is data takes the error from the system; it must be kept. */
static void a_look_does_not_swallow_a_reset(void) {
  struct bp_socket *pair[2];
  char byte = 0;
  tcp_pair(pair);
  close_with_reset(pair[0]);
  await(pair[1], BP_EVENT_REMOTE_DISCONNECTED);
  for (int i = 0; i < 3; i++) {
    CHECK_INT(bp_socket_holds(pair[1], bp_events_of(BP_KIND_TCP_STREAM)),
              BP_EVENT_DETERMINED | BP_EVENT_REMOTE_DISCONNECTED);
  }
  CHECK_INT(bp_socket_read(pair[1], &byte, 1, true), -ECONNRESET);
  CHECK_INT(bp_socket_read(pair[1], &byte, 1, false), -ECONNRESET);
  bp_socket_close(pair[1]);
}

#ifndef _WIN32 /* where they can still be read: test_pipes.c */

static void unread_bytes_reset_a_local_peer(void) {
  struct bp_socket *pair[2];
  char byte = 0;
  local_pair(pair);
  CHECK_INT(bp_socket_write(pair[1], "unread", 6), 6);
  bp_socket_close(pair[0]);
  await(pair[1], BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_INT(bp_socket_read(pair[1], &byte, 1, false), -ECONNRESET);
  bp_socket_close(pair[1]);
}

#endif

static int64_t write_by_pieces(struct bp_socket *socket) {
  return bp_socket_writev(socket, &(struct bp_bytes){"x", 1}, 1);
}

static int64_t write_plainly(struct bp_socket *socket) {
  return bp_socket_write(socket, "x", 1);
}

#ifndef _WIN32

static int64_t write_with_descriptor(struct bp_socket *socket) {
  const int fd = STDERR_FILENO;
  return bp_socket_send_descriptors(socket, "x", 1, &fd, 1);
}

#endif

static void check_broken(struct bp_socket *pair[2], int64_t (*call)(struct bp_socket *),
                         int error) {
  bp_socket_close(pair[0]);
  await(pair[1], BP_EVENT_REMOTE_DISCONNECTED);
  /* Over TCP the first can still go out: it is the answer to it that breaks the connection. */
  const bp_deadline_ns deadline = bp_deadline_after(PATIENCE_MS);
  int64_t taken = call(pair[1]);
  while (taken >= 0 && bp_deadline_after(0.001) < deadline) {
    pause_ms(1);
    taken = call(pair[1]);
  }
  CHECK_INT(taken, error);
  CHECK_INT(call(pair[1]), error);
  bp_socket_close(pair[1]);
}

#ifdef _WIN32
#define TCP_BROKEN (-ECONNRESET) /* it goes on to tell of the reset */
#else
#define TCP_BROKEN (-EPIPE)
#endif

static void writing_to_a_closed_peer_raises_no_signal(void) {
  struct bp_socket *pair[2];
#ifndef _WIN32
  CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
  local_pair(pair);
  check_broken(pair, write_with_descriptor, -EPIPE);
#endif
  tcp_pair(pair);
  check_broken(pair, write_plainly, TCP_BROKEN);
  tcp_pair(pair);
  check_broken(pair, write_by_pieces, TCP_BROKEN);
  local_pair(pair);
  check_broken(pair, write_plainly, -EPIPE);
  local_pair(pair);
  check_broken(pair, write_by_pieces, -EPIPE);
}

#ifndef _WIN32

/* ---- Addresses of connections ---- */

static void the_remote_address_is_the_peers(void) {
  struct bp_address address;
  struct bp_socket *server = tcp_server("0.0.0.0");
  struct bp_socket *client = tcp_client(server); /* connects to 0.0.0.0, which is nobody's */
  await(client, BP_EVENT_CONNECTION_SUCCEEDED);
  CHECK_OK(bp_socket_remote_address(client, &address));
  CHECK_TEXT(address.host, "127.0.0.1");
  bp_socket_close(client);
  bp_socket_close(server);
}

/* A port of those that the system chooses from, where nobody listens. */
static uint16_t free_port(void) {
  struct bp_address address;
  struct bp_socket *server = tcp_server("127.0.0.1");
  CHECK_OK(bp_socket_local_address(server, &address));
  bp_socket_close(server);
  return address.port;
}

/* The system gives out its ports in turn: after some ten thousand it is the very port. */
static void a_connection_never_meets_itself(void) {
  const struct bp_connect_tcp_options options = {.host = "127.0.0.1", .port = free_port()};
  for (int i = 0; i < 40000; i++) {
    struct bp_socket *client = NULL;
    CHECK_OK(bp_connect_tcp(&options, &client));
    await(client, BP_EVENT_DETERMINED);
    CHECK_INT(bp_socket_error(client), -ECONNREFUSED);
    bp_socket_close(client);
  }
}

static void a_connection_from_a_chosen_port_may_meet_itself(void) {
  const uint16_t port = free_port();
  const struct bp_connect_tcp_options options = {
      .host = "127.0.0.1", .port = port, .local_port = port};
  struct bp_socket *client = NULL;
  CHECK_OK(bp_connect_tcp(&options, &client));
  CHECK_INT(await(client, BP_EVENT_CONNECTION_SUCCEEDED), BP_EVENT_CONNECTION_SUCCEEDED);
  bp_socket_close(client);
}

/* ---- Descriptors from elsewhere ---- */

static void kinds_are_told_apart(void) {
  struct bp_socket *pair[2];
  enum bp_kind kind = BP_KIND_DESCRIPTOR;
  int fds[2];
  struct bp_socket *server = tcp_server("127.0.0.1");
  tcp_pair(pair);
  CHECK_OK(bp_kind_of(bp_socket_fd(server), &kind));
  CHECK_INT(kind, BP_KIND_TCP_SERVER);
  CHECK_OK(bp_kind_of(bp_socket_fd(pair[0]), &kind));
  CHECK_INT(kind, BP_KIND_TCP_STREAM);
  close_pair(pair);
  bp_socket_close(server);
  local_pair(pair);
  CHECK_OK(bp_kind_of(bp_socket_fd(pair[0]), &kind));
  CHECK_INT(kind, BP_KIND_LOCAL_STREAM);
  close_pair(pair);
  CHECK_OK(pipe(fds));
  CHECK_OK(bp_kind_of(fds[0], &kind));
  CHECK_INT(kind, BP_KIND_DESCRIPTOR);
  close(fds[0]);
  close(fds[1]);
  CHECK_INT(bp_kind_of(fds[0], &kind), -EBADF);
}

static void a_refused_adoption_leaves_the_descriptor(void) {
  struct bp_socket *socket = NULL;
  int fds[2];
  CHECK_OK(pipe(fds));
  CHECK_INT(bp_adopt(fds[0], BP_KIND_TCP_STREAM, &socket), -ENOTSOCK);
  CHECK(socket == NULL);
  CHECK_AT_LEAST(fcntl(fds[0], F_GETFD), 0);
  close(fds[0]);
  close(fds[1]);
}

/* Its flags are shared with whoever else has it, so they stay; yet no call blocks. */
static void an_adopted_pipe_never_blocks(void) {
  struct bp_socket *pair[2];
  int fds[2];
  char byte = 0;
  CHECK_OK(pipe(fds));
  CHECK_OK(bp_adopt(fds[0], BP_KIND_DESCRIPTOR, &pair[1]));
  CHECK_OK(bp_adopt(fds[1], BP_KIND_DESCRIPTOR, &pair[0]));
  CHECK_INT(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
  CHECK_INT(fcntl(fds[0], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  CHECK_INT(bp_socket_read(pair[1], &byte, 1, false), 0);
  const size_t total = fill(pair[0]);
  read_pattern(pair[1], 0, total);
  bp_socket_close(pair[0]);
  CHECK_INT(await(pair[1], BP_EVENT_HANGUP), BP_EVENT_HANGUP);
  CHECK_INT(bp_socket_read(pair[1], &byte, 1, false), BP_END);
  bp_socket_close(pair[1]);
}

static void an_adopted_connection_goes_on(void) {
  struct bp_socket *pair[2];
  struct bp_socket *adopted[2];
  tcp_pair(pair);
  for (int i = 0; i < 2; i++) {
    CHECK_OK(bp_adopt(dup(bp_socket_fd(pair[i])), BP_KIND_TCP_STREAM, &adopted[i]));
    CHECK_INT(bp_socket_holds(adopted[i], CONNECTION_EVENTS),
              BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED);
  }
  close_pair(pair);
  check_talk(adopted);
  close_pair(adopted);
}

/* It never will connect: to say that it still may would be to watch it for ever. */
static void an_adopted_socket_that_never_connected_has_failed(void) {
  struct bp_socket *adopted = NULL;
  CHECK_OK(bp_adopt(socket(AF_INET, SOCK_STREAM, 0), BP_KIND_TCP_STREAM, &adopted));
  CHECK_INT(bp_socket_holds(adopted, CONNECTION_EVENTS),
            BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_FAILED);
  CHECK_INT(bp_socket_error(adopted), -ENOTCONN);
  bp_socket_close(adopted);
}

#endif

static void credentials_of_a_pair_are_our_own(void) {
  struct bp_socket *pair[2];
  struct bp_credentials peer;
  local_pair(pair);
  CHECK_OK(bp_socket_peer_credentials(pair[0], &peer));
#if defined(__linux__) || defined(_WIN32)
  CHECK_INT(peer.pid, getpid());
#endif
#ifdef _WIN32
  CHECK_INT(peer.uid, -1);
  CHECK_INT(peer.gid, -1);
#else
  CHECK_INT(peer.uid, getuid());
  CHECK_INT(peer.gid, getgid());
#endif
  close_pair(pair);
  tcp_pair(pair);
  CHECK_INT(bp_socket_peer_credentials(pair[0], &peer), -ENOTCONN);
  close_pair(pair);
}

static const struct check_case cases[] = {
    CASE(tcp_v4),
    CASE(tcp_v6),
    CASE(v6_only_leaves_the_port_to_v4),
    CASE(a_dual_stack_server_takes_v4),
    CASE(a_connection_that_was_reset_at_once_is_determined),
    CASE(a_taken_port_is_refused),
    CASE(reuse_port_shares_it),
    CASE(names_are_not_addresses),
    CASE(a_refusal_is_the_outcome_of_the_connection),
    CASE(a_chosen_local_address_is_taken),
    CASE(nobody_waiting_is_told),
    CASE(a_server_is_no_stream),
    CASE(each_descriptor_is_close_on_exec_and_non_blocking),
    CASE(both_ends_are_connected),
    CASE(read_peek_and_nothing_there),
    CASE(the_end_comes_after_the_last_byte),
    CASE(half_close),
    CASE(pieces_go_as_one),
    CASE(too_many_pieces_wait_for_the_next_call),
    CASE(a_full_buffer_takes_nothing_and_loses_nothing),
    CASE(a_reset_is_told),
    CASE(a_look_does_not_swallow_a_reset),
    CASE(writing_to_a_closed_peer_raises_no_signal),
#ifndef _WIN32
    CASE(unread_bytes_reset_a_local_peer),
    CASE(the_remote_address_is_the_peers),
    CASE(a_connection_never_meets_itself),
    CASE(a_connection_from_a_chosen_port_may_meet_itself),
    CASE(kinds_are_told_apart),
    CASE(a_refused_adoption_leaves_the_descriptor),
    CASE(an_adopted_pipe_never_blocks),
    CASE(an_adopted_connection_goes_on),
    CASE(an_adopted_socket_that_never_connected_has_failed),
#endif
    CASE(credentials_of_a_pair_are_our_own),
};
CHECK_MAIN(cases)
