/* Descriptors from elsewhere in an event loop: they cannot be looked at without reading. */
#include "check.h"
#include "fixtures.h"
#include "fixtures_pump.h"

#include <unistd.h>

static struct bp_socket *adopt(int fd) {
  struct bp_socket *socket = NULL;
  CHECK_OK(bp_adopt(fd, BP_KIND_DESCRIPTOR, &socket));
  return socket;
}

/* A pipe with so many unread bytes whose writer has been closed. */
static struct bp_socket *pipe_that_has_ended(size_t unread) {
  int fds[2];
  CHECK_OK(pipe(fds));
  CHECK_INT(write(fds[1], "unread", unread), (int)unread);
  close(fds[1]);
  return adopt(fds[0]);
}

static void a_writer_that_left_nothing_behind_has_ended(const char *backend) {
  struct bp_socket *reader = pipe_that_has_ended(0);
  pump_open_on(backend);
  want(reader, BP_WANT_PEER_END, 8);
  CHECK_INT(drain_some(), 1);
  check_record(0, 8, BP_RECORD_END, 0);
  check_quiet();
  bp_socket_close(reader);
  pump_close();
}

static void a_writer_that_left_bytes_is_told_of_without_reading(const char *backend) {
  struct bp_socket *reader = pipe_that_has_ended(6);
  char rest[8];
  pump_open_on(backend);
  want(reader, BP_WANT_PEER_END, 8);
  CHECK_INT(drain_some(), 1);
  check_record(0, 8, BP_RECORD_PEER_END, 0);
  check_quiet();
  CHECK_INT(bp_socket_read(reader, rest, sizeof rest, false), 6);
  bp_socket_close(reader);
  pump_close();
}

static void a_reader_that_left_is_told_of(const char *backend) {
  int fds[2];
  CHECK_OK(pipe(fds));
  struct bp_socket *writer = adopt(fds[1]);
  pump_open_on(backend);
  want(writer, BP_WANT_PEER_END, 8);
  check_quiet();
  close(fds[0]);
  CHECK_INT(drain_some(), 1);
  /* Nothing can be read there, so whether that is the end already is the system's choice. */
  CHECK(records[0].kind == BP_RECORD_PEER_END || records[0].kind == BP_RECORD_END);
  check_quiet();
  bp_socket_close(writer);
  pump_close();
}

static const struct check_case cases[] = {
    CASE_ON_PUMPS(a_writer_that_left_nothing_behind_has_ended),
    CASE_ON_PUMPS(a_writer_that_left_bytes_is_told_of_without_reading),
    CASE_ON_PUMPS(a_reader_that_left_is_told_of),
};
CHECK_MAIN(cases)
