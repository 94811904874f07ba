/* Passing descriptors. */
#include "check.h"
#include "fixtures.h"
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void close_each(const int *fds, size_t count) {
  for (size_t i = 0; i < count; i++) {
    CHECK_OK(close(fds[i]));
  }
}

/* Waits for them. */
static int64_t receive(struct bp_socket *socket, char *bytes, size_t length, int *fds,
                       size_t *count) {
  await(socket, BP_EVENT_DATA_AVAILABLE | BP_EVENT_REMOTE_DISCONNECTED);
  return bp_socket_receive_descriptors(socket, bytes, length, fds, count);
}

static void one_comes_with_its_byte(void) {
  struct bp_socket *pair[2];
  int ends[2];
  int fds[4];
  size_t count = 4;
  char bytes[8];
  local_pair(pair);
  CHECK_OK(pipe(ends));
  CHECK_INT(bp_socket_send_descriptors(pair[0], "abc", 3, &ends[1], 1), 3);
  close(ends[1]);
  CHECK_INT(receive(pair[1], bytes, sizeof bytes, fds, &count), 3);
  CHECK_INT(count, 1);
  CHECK_INT(memcmp(bytes, "abc", 3), 0);
  CHECK_INT(fcntl(fds[0], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  CHECK_INT(write(fds[0], "x", 1), 1); /* it is the very pipe */
  CHECK_INT(read(ends[0], bytes, sizeof bytes), 1);
  close(fds[0]);
  CHECK_INT(read(ends[0], bytes, sizeof bytes), 0);
  close(ends[0]);
  close_pair(pair);
}

static void as_many_as_there_may_be(void) {
  struct bp_socket *pair[2];
  int sent[BP_MAX_DESCRIPTORS + 1];
  int fds[BP_MAX_DESCRIPTORS];
  size_t count = BP_MAX_DESCRIPTORS;
  char byte = 0;
  local_pair(pair);
  for (size_t i = 0; i <= BP_MAX_DESCRIPTORS; i++) {
    sent[i] = STDERR_FILENO;
  }
  CHECK_INT(bp_socket_send_descriptors(pair[0], "x", 1, sent, BP_MAX_DESCRIPTORS + 1), -EINVAL);
  CHECK_INT(bp_socket_send_descriptors(pair[0], "x", 1, sent, BP_MAX_DESCRIPTORS), 1);
  CHECK_INT(receive(pair[1], &byte, 1, fds, &count), 1);
  CHECK_INT(count, BP_MAX_DESCRIPTORS);
  close_each(fds, count);
  close_pair(pair);
}

static void bytes_without_any(void) {
  struct bp_socket *pair[2];
  int fds[4];
  size_t count = 4;
  char bytes[8];
  local_pair(pair);
  CHECK_INT(bp_socket_receive_descriptors(pair[1], bytes, sizeof bytes, fds, &count), 0);
  CHECK_INT(count, 0);
  CHECK_INT(bp_socket_send_descriptors(pair[0], "abc", 3, NULL, 0), 3);
  count = 4;
  CHECK_INT(receive(pair[1], bytes, sizeof bytes, fds, &count), 3);
  CHECK_INT(count, 0);
  close_pair(pair);
}

static void the_end_is_told(void) {
  struct bp_socket *pair[2];
  int fds[4];
  char bytes[8];
  size_t count = 4;
  local_pair(pair);
  CHECK_INT(bp_socket_send_descriptors(pair[0], "x", 1, (int[]){STDERR_FILENO}, 1), 1);
  bp_socket_close(pair[0]);
  CHECK_INT(receive(pair[1], bytes, sizeof bytes, fds, &count), 1);
  CHECK_INT(count, 1);
  close(fds[0]);
  for (int i = 0; i < 2; i++) {
    count = 4;
    CHECK_INT(receive(pair[1], bytes, sizeof bytes, fds, &count), BP_END);
    CHECK_INT(count, 0);
  }
  CHECK_INT(bp_socket_holds(pair[1], BP_EVENT_DATA_AVAILABLE), 0);
  bp_socket_close(pair[1]);
}

static void too_little_room_loses_them_closed(void) {
  struct bp_socket *pair[2];
  const int sent[] = {STDERR_FILENO, STDERR_FILENO, STDERR_FILENO};
  int fds[3];
  char byte = 0;
  local_pair(pair);
  const int before = check_count_descriptors();
  for (size_t room = 0; room < 3; room++) {
    size_t count = room;
    CHECK_INT(bp_socket_send_descriptors(pair[0], "x", 1, sent, 3), 1);
    CHECK_INT(receive(pair[1], &byte, 1, fds, &count), -EMSGSIZE);
    CHECK_INT(count, 0);
    CHECK_INT(check_count_descriptors(), before);
  }
  close_pair(pair);
}

/* More than the engine ever sends, from a stranger: the system cuts the message. */
#define TOO_MANY 100

static void send_too_many(struct bp_socket *socket, int fd) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int) * TOO_MANY)];
  } control;
  struct iovec piece = {.iov_base = "x", .iov_len = 1};
  struct msghdr message = {.msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = &control,
                           .msg_controllen = sizeof control};
  memset(&control, 0, sizeof control);
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * TOO_MANY);
  for (size_t i = 0; i < TOO_MANY; i++) {
    memcpy(CMSG_DATA(header) + i * sizeof(int), &fd, sizeof(int));
  }
  CHECK_INT(sendmsg(bp_socket_fd(socket), &message, 0), 1);
}

static void a_cut_message_leaves_nothing_open(void) {
  struct bp_socket *pair[2];
  int fds[BP_MAX_DESCRIPTORS];
  size_t count = BP_MAX_DESCRIPTORS;
  char byte = 0;
  local_pair(pair);
  const int before = check_count_descriptors();
  send_too_many(pair[0], STDERR_FILENO);
  CHECK_INT(receive(pair[1], &byte, 1, fds, &count), -EMSGSIZE);
  CHECK_INT(count, 0);
  CHECK_INT(check_count_descriptors(), before);
  /* The stream goes on behind it. */
  CHECK_INT(bp_socket_write(pair[0], "y", 1), 1);
  count = BP_MAX_DESCRIPTORS;
  CHECK_INT(receive(pair[1], &byte, 1, fds, &count), 1);
  CHECK_INT(byte, 'y');
  close_pair(pair);
}

/* Those that were not received are closed by the system. */
static void unreceived_ones_are_not_leaked(void) {
  struct bp_socket *pair[2];
  int ends[2];
  char byte = 0;
  local_pair(pair);
  CHECK_OK(pipe(ends));
  CHECK_INT(bp_socket_send_descriptors(pair[0], "x", 1, &ends[1], 1), 1);
  close(ends[1]);
  read_all(pair[1], &byte, 1); /* a plain read drops what came along */
  CHECK_INT(read(ends[0], &byte, 1), 0);
  close(ends[0]);
  close_pair(pair);
}

static void what_cannot_carry_them_is_refused(void) {
  struct bp_socket *pair[2];
  const int fd = STDERR_FILENO;
  int fds[1];
  size_t count = 1;
  char byte = 0;
  tcp_pair(pair);
  CHECK_INT(bp_socket_send_descriptors(pair[0], "x", 1, &fd, 1), -EINVAL);
  CHECK_INT(bp_socket_receive_descriptors(pair[0], &byte, 1, fds, &count), -EINVAL);
  CHECK_INT(count, 0);
  close_pair(pair);
  local_pair(pair);
  count = 1;
  CHECK_INT(bp_socket_send_descriptors(pair[0], "", 0, &fd, 1), -EINVAL);
  CHECK_INT(bp_socket_receive_descriptors(pair[0], &byte, 0, fds, &count), -EINVAL);
  CHECK_INT(bp_socket_send_descriptors(pair[0], "x", 1, (int[]){-1}, 1), -EBADF);
  CHECK_INT(bp_socket_read(pair[1], &byte, 1, false), 0); /* nor was the byte sent */
  close_pair(pair);
}

static void a_full_buffer_takes_none(void) {
  struct bp_socket *pair[2];
  int ends[2];
  char byte = 0;
  local_pair(pair);
  CHECK_OK(pipe(ends));
  const size_t total = fill(pair[0]);
  CHECK_INT(bp_socket_send_descriptors(pair[0], "x", 1, &ends[1], 1), 0);
  close(ends[1]);
  CHECK_INT(read(ends[0], &byte, 1), 0); /* the other end is open nowhere */
  read_pattern(pair[1], 0, total);
  close(ends[0]);
  close_pair(pair);
}

/* A connection that succeeds in the very call that sends must not send the bytes alone. */
static void they_are_not_dropped_while_connecting(void) {
  struct bp_socket *clients[8];
  struct bp_socket *server = NULL;
  int fds[2];
  size_t count = 0;
  char byte = 0;
  directory_make();
  const char *path = path_in_directory("socket");
  const struct bp_listen_local_options options = {.path = path,
                                                  .path_length = strlen(path),
                                                  .backlog = 1,
                                                  .mode = 0600,
                                                  .delete_on_close = true};
  CHECK_OK(bp_listen_local(&options, &server));
  do {
    if (count == 8) {
      check_skip("the backlog does not get full here");
    }
    CHECK_OK(bp_connect_local(path, strlen(path), &clients[count]));
  } while (clients[count++]->state != BP_STATE_RETRYING);
  struct bp_socket *last = clients[count - 1];
  const int fd = STDERR_FILENO;
  CHECK_INT(bp_socket_send_descriptors(last, "x", 1, &fd, 1), 0);
  for (size_t i = 0; i + 1 < count; i++) {
    bp_socket_close(accept_one(server));
  }
  pause_ms(20); /* until it may try again */
  int64_t taken = 0;
  while (!(taken = bp_socket_send_descriptors(last, "x", 1, &fd, 1))) {
    pause_ms(1);
  }
  CHECK_INT(taken, 1);
  struct bp_socket *accepted = accept_one(server);
  size_t came = 2;
  CHECK_INT(receive(accepted, &byte, 1, fds, &came), 1);
  CHECK_INT(came, 1);
  close_each(fds, came);
  bp_socket_close(accepted);
  for (size_t i = 0; i < count; i++) {
    bp_socket_close(clients[i]);
  }
  bp_socket_close(server);
  directory_remove();
}

static const struct check_case cases[] = {
    CASE(one_comes_with_its_byte),
    CASE(as_many_as_there_may_be),
    CASE(bytes_without_any),
    CASE(the_end_is_told),
    CASE(too_little_room_loses_them_closed),
    CASE(a_cut_message_leaves_nothing_open),
    CASE(unreceived_ones_are_not_leaked),
    CASE(what_cannot_carry_them_is_refused),
    CASE(a_full_buffer_takes_none),
    CASE(they_are_not_dropped_while_connecting),
};
CHECK_MAIN(cases)
