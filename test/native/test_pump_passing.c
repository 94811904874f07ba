/* A pump passes descriptors: those that came are told before their bytes, those that wait to be
 * sent are duplicates, and none is leaked. */
#include "check.h"
#include "fixtures.h"
#include "fixtures_pump.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int64_t send_with(struct bp_socket *socket, const char *text, const int *fds, size_t count) {
  return send_with_descriptors(socket, text, strlen(text), fds, count, 1);
}

static void they_are_told_before_their_bytes(const char *backend) {
  struct bp_socket *pair[2];
  const int fds[] = {STDERR_FILENO, STDERR_FILENO};
  pump_open_on(backend);
  local_pair(pair);
  want(pair[1], BP_WANT_BYTES | BP_WANT_DESCRIPTORS, 8);
  CHECK_INT(bp_socket_send_descriptors(pair[0], "abc", 3, fds, 2), 3);
  CHECK_INT(drain_some(), 3);
  for (int i = 0; i < 2; i++) {
    CHECK_INT(records[i].kind, BP_RECORD_DESCRIPTOR);
    CHECK_INT(records[i].tag, 8);
    CHECK_OK(close((int)records[i].value));
  }
  check_record(2, 8, BP_RECORD_BYTES, 3);
  CHECK_INT(memcmp(bytes + records[2].offset, "abc", 3), 0);
  check_quiet();
  close_pair(pair);
  pump_close();
}

static void those_that_are_not_wanted_are_closed(const char *backend) {
  struct bp_socket *pair[2];
  int ends[2];
  char byte = 0;
  pump_open_on(backend);
  local_pair(pair);
  CHECK_OK(pipe(ends));
  want(pair[1], BP_WANT_BYTES, 8);
  CHECK_INT(bp_socket_send_descriptors(pair[0], "x", 1, &ends[1], 1), 1);
  close(ends[1]);
  CHECK_INT(drain_some(), 1);
  check_record(0, 8, BP_RECORD_BYTES, 1);
  CHECK_INT(read(ends[0], &byte, 1), 0);
  close(ends[0]);
  close_pair(pair);
  pump_close();
}

/* A batch that has no room for all that one message may bring leaves that to the next. */
static void a_batch_without_room_leaves_them_to_the_next(const char *backend) {
  struct bp_socket *pairs[2][2];
  int fds[BP_MAX_DESCRIPTORS];
  const size_t capacity = BP_RECORDS_PER_SOCKET + BP_MAX_DESCRIPTORS;
  for (size_t i = 0; i < BP_MAX_DESCRIPTORS; i++) {
    fds[i] = STDERR_FILENO;
  }
  pump_open_on(backend);
  const int before = check_count_descriptors();
  for (uint64_t i = 0; i < 2; i++) {
    local_pair(pairs[i]);
    want(pairs[i][1], BP_WANT_BYTES | BP_WANT_DESCRIPTORS, i);
    CHECK_INT(bp_socket_send_descriptors(pairs[i][0], "x", 1, fds, BP_MAX_DESCRIPTORS), 1);
  }
  uint64_t served[2];
  for (int i = 0; i < 2; i++) {
    CHECK_INT(drain_into(capacity, ROOM), BP_MAX_DESCRIPTORS + 1);
    for (int j = 0; j < BP_MAX_DESCRIPTORS; j++) {
      CHECK_OK(close((int)records[j].value));
    }
    served[i] = records[0].tag;
  }
  CHECK(served[0] != served[1]);
  close_pair(pairs[0]);
  close_pair(pairs[1]);
  CHECK_INT(check_count_descriptors(), before);
  pump_close();
}

static void they_go_at_once_if_nothing_waits(const char *backend) {
  struct bp_socket *pair[2];
  const int fd = STDERR_FILENO;
  int got[1];
  size_t count = 1;
  char text[8];
  pump_open_on(backend);
  local_pair(pair);
  CHECK_INT(send_with(pair[0], "hello", &fd, 1), 5);
  await(pair[1], BP_EVENT_DATA_AVAILABLE);
  CHECK_INT(bp_socket_receive_descriptors(pair[1], text, sizeof text, got, &count), 5);
  CHECK_INT(count, 1);
  close(got[0]);
  check_quiet();
  close_pair(pair);
  pump_close();
}

static void those_that_wait_go_with_their_byte(const char *backend) {
  struct bp_socket *pair[2];
  int ends[2];
  int got[1];
  char text[16];
  pump_open_on(backend);
  local_pair(pair);
  CHECK_OK(pipe(ends));
  const int before = check_count_descriptors();
  size_t filled = fill(pair[0]);
  send_text(pair[0], "before", 1);
  CHECK_INT(send_with(pair[0], "with", &ends[1], 1), 0);
  send_text(pair[0], "after", 1);
  CHECK_INT(check_count_descriptors(), before + 1);
  close(ends[1]);
  for (size_t length = 0; filled > 0; filled -= length) {
    length = filled < ROOM ? filled : ROOM;
    read_all(pair[1], (char *)bytes, length);
  }
  size_t told = 0;
  while (told < strlen("beforewithafter")) {
    CHECK_INT(drain_some(), 1);
    told += (size_t)records[0].value;
  }
  size_t count = 1;
  /* The system reads on over the bytes around theirs. */
  CHECK_INT(bp_socket_receive_descriptors(pair[1], text, sizeof text, got, &count),
            (int)strlen("beforewithafter"));
  CHECK_INT(memcmp(text, "beforewithafter", strlen("beforewithafter")), 0);
  CHECK_INT(count, 1);
  CHECK_INT(write(got[0], "x", 1), 1);
  CHECK_INT(read(ends[0], text, 1), 1);
  close(got[0]);
  CHECK_INT(read(ends[0], text, 1), 0); /* no duplicate is left */
  close(ends[0]);
  close_pair(pair);
  pump_close();
}

static void those_that_cannot_be_sent_are_closed(const char *backend) {
  struct bp_socket *pair[2];
  const int fds[] = {STDERR_FILENO, STDERR_FILENO};
  pump_open_on(backend);
  local_pair(pair);
  const int before = check_count_descriptors();
  (void)fill(pair[0]);
  CHECK_INT(send_with(pair[0], "never", fds, 2), 0);
  CHECK_INT(check_count_descriptors(), before + 2);
  close_pair(pair);
  CHECK_INT(check_count_descriptors(), before - 2);
  pump_close();
}

static void one_that_is_closed_is_refused(const char *backend) {
  struct bp_socket *pair[2];
  const int fds[] = {STDERR_FILENO, -1};
  pump_open_on(backend);
  local_pair(pair);
  const int before = check_count_descriptors();
  CHECK_INT(send_with(pair[0], "x", fds, 2), -EBADF);
  (void)fill(pair[0]);
  CHECK_INT(send_with(pair[0], "x", fds, 2), -EBADF);
  CHECK_INT(check_count_descriptors(), before);
  close_pair(pair);
  pump_close();
}

static const struct check_case cases[] = {
    CASE_ON_PUMPS(they_are_told_before_their_bytes),
    CASE_ON_PUMPS(those_that_are_not_wanted_are_closed),
    CASE_ON_PUMPS(a_batch_without_room_leaves_them_to_the_next),
    CASE_ON_PUMPS(they_go_at_once_if_nothing_waits),
    CASE_ON_PUMPS(those_that_wait_go_with_their_byte),
    CASE_ON_PUMPS(those_that_cannot_be_sent_are_closed),
    CASE_ON_PUMPS(one_that_is_closed_is_refused),
};
CHECK_MAIN(cases)
