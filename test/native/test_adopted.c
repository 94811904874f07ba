/* Descriptors from elsewhere, and what others do to descriptors that they share with us. */
#include "check.h"
#include "fixtures.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <stdlib.h>
#include <sys/eventfd.h>
#endif

static struct bp_socket *adopt(int fd, enum bp_kind kind) {
  struct bp_socket *socket = NULL;
  CHECK_OK(bp_adopt(fd, kind, &socket));
  return socket;
}

static bool is_non_blocking(int fd) {
  return fcntl(fd, F_GETFL) & O_NONBLOCK;
}

static void set_blocking(int fd) {
  CHECK_OK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK));
}

/* ---- Kinds ---- */

static void check_is_descriptor(int fd) {
  enum bp_kind kind = BP_KIND_TCP_SERVER;
  CHECK_AT_LEAST(fd, 0);
  CHECK_OK(bp_kind_of(fd, &kind));
  CHECK_INT(kind, BP_KIND_DESCRIPTOR);
  bp_socket_close(adopt(fd, BP_KIND_DESCRIPTOR));
}

static void what_is_of_no_known_kind_is_a_descriptor(void) {
  check_is_descriptor(open("/", O_RDONLY));
#ifdef __linux__
  check_is_descriptor(socket(AF_NETLINK, SOCK_RAW, 0));
#endif
}

/* As what it is, and as any descriptor. */
static void check_is_of_messages(int family, int type, enum bp_kind expected) {
  const enum bp_kind kinds[] = {expected, BP_KIND_DESCRIPTOR};
  for (size_t i = 0; i < 2; i++) {
    enum bp_kind kind = BP_KIND_DESCRIPTOR;
    const int fd = socket(family, type, 0);
    CHECK_AT_LEAST(fd, 0);
    CHECK_OK(bp_kind_of(fd, &kind));
    CHECK_INT(kind, expected);
    bp_socket_close(adopt(fd, kinds[i]));
  }
}

static void sockets_that_carry_messages_are_known(void) {
  check_is_of_messages(AF_INET, SOCK_DGRAM, BP_KIND_UDP);
  check_is_of_messages(AF_INET6, SOCK_DGRAM, BP_KIND_UDP);
  check_is_of_messages(AF_UNIX, SOCK_DGRAM, BP_KIND_LOCAL_DATAGRAM);
#ifdef __linux__
  check_is_of_messages(AF_UNIX, SOCK_SEQPACKET, BP_KIND_LOCAL_PACKET_STREAM);
#endif
}

static void datagrams_go_as_they_are(void) {
  char bytes[8000] = "first";
  struct bp_socket *pair[2];
  int fds[2];
  CHECK_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
  pair[0] = adopt(fds[0], BP_KIND_DESCRIPTOR);
  pair[1] = adopt(fds[1], BP_KIND_DESCRIPTOR);
  CHECK_INT(bp_socket_read(pair[1], bytes, sizeof bytes, false), 0);
  CHECK_INT(send(fds[0], "", 0, 0), 0);
  const int64_t taken = bp_socket_write(pair[0], bytes, 4000);
  CHECK_INT(taken, 4000);
  CHECK_INT(bp_socket_read(pair[1], bytes, sizeof bytes, false), 0); /* empty: no end */
  CHECK_INT(bp_socket_read(pair[1], bytes, sizeof bytes, false), 4000);
  close_pair(pair);
}

/* ---- Standard streams ---- */

static void closing_an_adopted_standard_stream_leaves_its_number(void) {
  int fds[2];
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  CHECK_INT(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
  close(fds[0]);
  close(fds[1]);
  bp_socket_close(adopt(STDIN_FILENO, BP_KIND_LOCAL_STREAM));
  CHECK_AT_LEAST(fcntl(STDIN_FILENO, F_GETFD), 0);
}

/* ---- Connections ---- */

static void an_adopted_connection_that_is_reset_did_not_fail_to_connect(void) {
  struct bp_socket *pair[2];
  char byte = 0;
  tcp_pair(pair);
  struct bp_socket *adopted = adopt(bp_socket_detach(pair[0]), BP_KIND_TCP_STREAM);
  close_with_reset(pair[1]);
  CHECK_INT(await(adopted, BP_EVENT_REMOTE_DISCONNECTED | BP_EVENT_CONNECTION_FAILED),
            BP_EVENT_REMOTE_DISCONNECTED);
  CHECK_OK(bp_socket_error(adopted));
  CHECK_INT(bp_socket_read(adopted, &byte, 1, false), -ECONNRESET);
  bp_socket_close(adopted);
}

/* ---- Listeners ---- */

static void accept_never_waits_and_leaves_the_flag(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *adopted = adopt(dup(bp_socket_fd(server)), BP_KIND_TCP_SERVER);
  struct bp_socket *servers[] = {server, adopted};
  for (int i = 0; i < 2; i++) {
    struct bp_socket *accepted = NULL;
    set_blocking(bp_socket_fd(server));
    CHECK_INT(bp_socket_accept(servers[i], &accepted), -EAGAIN);
    CHECK(!is_non_blocking(bp_socket_fd(server)));
    struct bp_socket *client = tcp_client(server);
    accepted = accept_one(servers[i]);
    CHECK(!is_non_blocking(bp_socket_fd(server)));
    bp_socket_close(accepted);
    bp_socket_close(client);
  }
  bp_socket_close(adopted);
  bp_socket_close(server);
}

static void an_adopted_listener_keeps_its_flag(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  set_blocking(bp_socket_fd(server));
  struct bp_socket *adopted = adopt(dup(bp_socket_fd(server)), BP_KIND_TCP_SERVER);
  CHECK(!is_non_blocking(bp_socket_fd(server)));
  bp_socket_close(adopted);
  bp_socket_close(server);
}

static void a_listener_that_was_shut_down_says_so_and_rests(const char *backend) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *accepted = NULL;
  struct bp_poller *poller = NULL;
  struct bp_occurrence ready;
  if (shutdown(bp_socket_fd(server), SHUT_RDWR) < 0) {
    bp_socket_close(server);
    check_skip("a listener cannot be shut down here");
  }
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, server, BP_EVENT_CONNECTION_AVAILABLE, 1));
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, &ready, 1), 1);
  CHECK_INT(ready.events, BP_EVENT_CONNECTION_AVAILABLE);
  CHECK_INT(await(server, BP_EVENT_CONNECTION_AVAILABLE), BP_EVENT_CONNECTION_AVAILABLE);
  CHECK_INT(bp_socket_accept(server, &accepted), -EINVAL);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(0), NULL, &ready, 1), 0);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, &ready, 1), 1);
  bp_poller_close(poller);
  bp_socket_close(server);
}

/* ---- Resets ---- */

static void wait_for_reset(int fd) {
  struct pollfd entry = {.fd = fd, .events = 0};
  CHECK_INT(poll(&entry, 1, PATIENCE_MS), 1);
}

static void check_bytes_then_reset(struct bp_socket *socket) {
  char bytes[8];
  CHECK_INT(bp_socket_read(socket, bytes, sizeof bytes, false), 3);
  CHECK_INT(memcmp(bytes, "abc", 3), 0);
  CHECK_INT(bp_socket_read(socket, bytes, sizeof bytes, false), -ECONNRESET);
  CHECK_INT(bp_socket_write(socket, "x", 1), -ECONNRESET);
}

/* A client whose peer sent three bytes and then reset the connection, before it looked. */
static struct bp_socket *reset_client(void) {
  struct bp_socket *server = tcp_server("127.0.0.1");
  struct bp_socket *client = tcp_client(server);
  struct bp_socket *accepted = accept_one(server);
  write_all(accepted, "abc", 3);
  close_with_reset(accepted);
  bp_socket_close(server);
  wait_for_reset(bp_socket_fd(client));
  return client;
}

static void bytes_before_a_reset_are_read(void) {
  struct bp_socket *client = reset_client();
  check_bytes_then_reset(client);
  bp_socket_close(client);
}

static void bytes_before_a_reset_of_an_adopted_stream_are_read(void) {
  struct bp_socket *client = reset_client();
  struct bp_socket *adopted = adopt(dup(bp_socket_fd(client)), BP_KIND_TCP_STREAM);
  check_bytes_then_reset(adopted);
  bp_socket_close(adopted);
  bp_socket_close(client);
}

/* ---- Errors of a moment, and calls that must not wait ---- */

#ifdef __linux__

static void an_error_of_a_moment_is_not_kept(void) {
  uint64_t number = 1;
  struct bp_socket *event = adopt(eventfd(0, EFD_NONBLOCK), BP_KIND_DESCRIPTOR);
  CHECK_INT(bp_socket_read(event, &number, 4, false), -EINVAL);
  CHECK_INT(bp_socket_write(event, &number, sizeof number), sizeof number);
  CHECK_INT(bp_socket_read(event, &number, sizeof number, false), sizeof number);
  bp_socket_close(event);
}

/* Returns its master. */
static int open_terminal(int *slave) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  CHECK_AT_LEAST(master, 0);
  CHECK_OK(grantpt(master));
  CHECK_OK(unlockpt(master));
  *slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  CHECK_AT_LEAST(*slave, 0);
  return master;
}

static void writing_to_a_stuck_terminal_does_not_wait(void) {
  static const char lines[4000] = {'\n'};
  int slave = -1;
  const int master = open_terminal(&slave);
  CHECK(!is_non_blocking(slave));
  struct bp_socket *terminal = adopt(slave, BP_KIND_DESCRIPTOR);
  int64_t total = 0;
  int64_t taken = 0;
  while ((taken = bp_socket_write(terminal, lines, sizeof lines)) > 0) {
    total += taken;
  }
  CHECK_INT(taken, 0);
  CHECK_AT_LEAST(total, 1);
  CHECK(!is_non_blocking(slave));
  bp_socket_close(terminal);
  close(master);
}

static void a_terminal_that_nobody_has_open_has_ended_for_its_master(void) {
  char bytes[8];
  int slave = -1;
  struct bp_socket *master = adopt(open_terminal(&slave), BP_KIND_DESCRIPTOR);
  CHECK_INT(write(slave, "bye", 3), 3);
  close(slave);
  CHECK_INT(await(master, BP_EVENT_READABLE | BP_EVENT_HANGUP),
            BP_EVENT_READABLE | BP_EVENT_HANGUP);
  read_all(master, bytes, 3);
  CHECK_INT(bp_socket_read(master, bytes, sizeof bytes, false), BP_END);
  bp_socket_close(master);
}

static void a_master_takes_more_than_a_byte_at_once(void) {
  int slave = -1;
  struct bp_socket *master = adopt(open_terminal(&slave), BP_KIND_DESCRIPTOR);
  CHECK_INT(bp_socket_write(master, "hello", 5), 5);
  bp_socket_close(master);
  close(slave);
}

#endif

static void bytes_that_a_verb_holds_are_readable(const char *backend) {
  struct bp_poller *poller = NULL;
  struct bp_occurrence ready;
  int fds[2];
  CHECK_OK(pipe(fds));
  struct bp_socket *reader = adopt(fds[0], BP_KIND_DESCRIPTOR);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, reader, BP_EVENT_READABLE, 1));
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(0), NULL, &ready, 1), 0);
  bp_socket_hold_unread(reader, true);
  CHECK_INT(bp_socket_holds(reader, BP_EVENT_READABLE), BP_EVENT_READABLE);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, &ready, 1), 1);
  CHECK_INT(ready.events, BP_EVENT_READABLE);
  bp_socket_hold_unread(reader, false);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(0), NULL, &ready, 1), 0);
  bp_poller_close(poller);
  bp_socket_close(reader);
  close(fds[1]);
}

/* Another that reads from the same pipe may be quicker. */
static void reading_what_another_reader_took_does_not_wait(void) {
  struct bp_socket *reader = NULL;
  int fds[2];
  char byte = 0;
  CHECK_OK(pipe(fds));
  reader = adopt(dup(fds[0]), BP_KIND_DESCRIPTOR);
  CHECK_INT(write(fds[1], "x", 1), 1);
  CHECK_INT(await(reader, BP_EVENT_READABLE), BP_EVENT_READABLE);
  CHECK_INT(read(fds[0], &byte, 1), 1);
  CHECK_INT(bp_socket_read(reader, &byte, 1, false), 0);
  bp_socket_close(reader);
  close(fds[0]);
  close(fds[1]);
}

static void writing_to_a_pipe_without_a_reader_raises_no_signal(void) {
  int fds[2];
  CHECK_OK(pipe(fds));
  struct bp_socket *writer = adopt(fds[1], BP_KIND_DESCRIPTOR);
  close(fds[0]);
  CHECK_INT(bp_socket_write(writer, "x", 1), -EPIPE);
  bp_socket_close(writer);
}

static void an_out_of_band_byte_is_no_data(void) {
  struct bp_socket *pair[2];
  struct pollfd entry;
  tcp_pair(pair);
  entry = (struct pollfd){.fd = bp_socket_fd(pair[1]), .events = POLLPRI};
  CHECK_INT(send(bp_socket_fd(pair[0]), "x", 1, MSG_OOB), 1);
  CHECK_INT(poll(&entry, 1, PATIENCE_MS), 1);
  CHECK_INT(bp_socket_holds(pair[1], BP_EVENT_DATA_AVAILABLE), 0);
  write_all(pair[0], "y", 1);
  CHECK_INT(await(pair[1], BP_EVENT_DATA_AVAILABLE), BP_EVENT_DATA_AVAILABLE);
  close_pair(pair);
}

/* ---- Who owns a descriptor ---- */

static void what_belongs_to_a_socket_is_not_adopted(void) {
  struct bp_socket *pair[2];
  struct bp_socket *other = NULL;
  local_pair(pair);
  const int fd = bp_socket_fd(pair[0]);
  CHECK_INT(bp_adopt(fd, BP_KIND_LOCAL_STREAM, &other), -EBUSY);
  CHECK_INT(bp_adopt(fd, BP_KIND_DESCRIPTOR, &other), -EBUSY);
  const int copy = dup(fd);
  bp_socket_close(adopt(copy, BP_KIND_LOCAL_STREAM));
  bp_socket_close(pair[0]);
  CHECK_INT(bp_adopt(fd, BP_KIND_LOCAL_STREAM, &other), -EBADF);
  CHECK_INT(dup2(bp_socket_fd(pair[1]), fd), fd);
  bp_socket_close(adopt(fd, BP_KIND_LOCAL_STREAM));
  bp_socket_close(pair[1]);
}

static void what_was_refused_can_be_adopted(void) {
  struct bp_socket *other = NULL;
  int fds[2];
  CHECK_OK(pipe(fds));
  CHECK_INT(bp_adopt(fds[0], BP_KIND_TCP_STREAM, &other), -ENOTSOCK);
  bp_socket_close(adopt(fds[0], BP_KIND_DESCRIPTOR));
  close(fds[1]);
}

static void a_detached_descriptor_stays_open_and_can_be_adopted(const char *backend) {
  struct bp_socket *pair[2];
  struct bp_poller *poller = NULL;
  struct bp_occurrence out[1];
  char byte = 0;
  tcp_pair(pair);
  const int fd = bp_socket_fd(pair[0]);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, pair[0], BP_EVENT_DATA_AVAILABLE, 1));
  CHECK_INT(bp_socket_detach(pair[0]), fd);
  write_all(pair[1], "x", 1);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(MOMENT_MS), NULL, out, 1), 0);
  check_non_blocking_and_close_on_exec(fd);
  pair[0] = adopt(fd, BP_KIND_TCP_STREAM);
  read_all(pair[0], &byte, 1);
  CHECK_INT(byte, 'x');
  close_pair(pair);
  bp_poller_close(poller);
}

static void a_detached_server_keeps_its_socket_file(void) {
  directory_make();
  const char *path = path_in_directory("server");
  const struct bp_listen_local_options options = {.path = path,
                                                  .path_length = strlen(path),
                                                  .backlog = 5,
                                                  .mode = 0600,
                                                  .delete_on_close = true};
  struct bp_socket *server = NULL;
  struct bp_socket *client = NULL;
  CHECK_OK(bp_listen_local(&options, &server));
  server = adopt(bp_socket_detach(server), BP_KIND_LOCAL_SERVER);
  CHECK_OK(bp_connect_local(path, strlen(path), &client));
  bp_socket_close(accept_one(server));
  bp_socket_close(client);
  bp_socket_close(server);
  directory_remove();
}

static const struct check_case cases[] = {
    CASE(what_is_of_no_known_kind_is_a_descriptor),
    CASE(sockets_that_carry_messages_are_known),
    CASE(datagrams_go_as_they_are),
    CASE(closing_an_adopted_standard_stream_leaves_its_number),
    CASE(accept_never_waits_and_leaves_the_flag),
    CASE(an_adopted_listener_keeps_its_flag),
    CASE_ON_BACKENDS(a_listener_that_was_shut_down_says_so_and_rests),
    CASE(an_adopted_connection_that_is_reset_did_not_fail_to_connect),
    CASE(bytes_before_a_reset_are_read),
    CASE(bytes_before_a_reset_of_an_adopted_stream_are_read),
#ifdef __linux__
    CASE(an_error_of_a_moment_is_not_kept),
    CASE(writing_to_a_stuck_terminal_does_not_wait),
    CASE(a_terminal_that_nobody_has_open_has_ended_for_its_master),
    CASE(a_master_takes_more_than_a_byte_at_once),
#endif
    CASE_ON_BACKENDS(bytes_that_a_verb_holds_are_readable),
    CASE(reading_what_another_reader_took_does_not_wait),
    CASE(writing_to_a_pipe_without_a_reader_raises_no_signal),
    CASE(an_out_of_band_byte_is_no_data),
    CASE(what_belongs_to_a_socket_is_not_adopted),
    CASE(what_was_refused_can_be_adopted),
    CASE_ON_BACKENDS(a_detached_descriptor_stays_open_and_can_be_adopted),
    CASE(a_detached_server_keeps_its_socket_file),
};
CHECK_MAIN(cases)
