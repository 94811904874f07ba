/*
 * What kqueue(2) says on FreeBSD and macOS and the double over epoll cannot: the kernel's part is
 * played from records here. This program has a kqueue() and a kevent() of its own, which answer
 * changes and waits as told.
 */
#include "await_by_kqueue.h"
#include "backend.h"
#include "check.h"
#include "deadline.h"
#include "fixtures.h"
#include "kfilter.h"
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 16

/* ---- The kernel, as recorded ---- */

struct call {
  struct kevent changes[MOST];
  int change_count, event_count;
  bool has_timeout;
  struct timespec timeout;
};

static struct {
  struct call calls[MOST];
  int call_count;
  int interruptions;                             /* so many calls fail with EINTR first */
  int refuses_read, refuses_write, refuses_user; /* the errno of adding such a filter */
  int refuses_delete;
  struct kevent shown[MOST]; /* what a wait finds, once */
  int shown_count;
} kernel;

int kqueue(void) {
  return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int errno_of(const struct kevent *change) {
  if (change->flags & EV_DELETE) {
    return kernel.refuses_delete;
  }
  return change->filter == EVFILT_READ    ? kernel.refuses_read
         : change->filter == EVFILT_WRITE ? kernel.refuses_write
                                          : kernel.refuses_user;
}

int kevent(int kqueue_fd, const struct kevent *changes, int change_count, struct kevent *events,
           int event_count, const struct timespec *timeout) {
  CHECK_AT_LEAST(kqueue_fd, 0);
  CHECK_AT_MOST(change_count, MOST);
  CHECK_AT_MOST(kernel.call_count, MOST - 1);
  struct call *call = &kernel.calls[kernel.call_count++];
  *call = (struct call){.change_count = change_count, .event_count = event_count};
  for (int i = 0; i < change_count; i++) {
    call->changes[i] = changes[i];
  }
  call->has_timeout = timeout != NULL;
  if (timeout) {
    call->timeout = *timeout;
  }
  if (kernel.interruptions > 0) {
    kernel.interruptions--;
    errno = EINTR;
    return -1;
  }
  int count = 0;
  for (int i = 0; i < change_count && count < event_count; i++) {
    const int error = errno_of(&call->changes[i]);
    if (error || call->changes[i].flags & EV_RECEIPT) {
      events[count] = call->changes[i];
      events[count].flags = EV_ERROR; /* alone: whether it was a delete is not said */
      events[count++].data = error;
    }
  }
  if (count == 0) {
    for (; count < kernel.shown_count && count < event_count; count++) {
      events[count] = kernel.shown[count];
    }
    kernel.shown_count -= count;
    memmove(kernel.shown, kernel.shown + count, (size_t)kernel.shown_count * sizeof *events);
  }
  return count;
}

static void shows(void *udata, short filter, unsigned flags, unsigned fflags, intptr_t data) {
  CHECK_AT_MOST(kernel.shown_count, MOST - 1);
  kernel.shown[kernel.shown_count++] = (struct kevent){.ident = 7,
                                                       .filter = filter,
                                                       .flags = (unsigned short)flags,
                                                       .fflags = fflags,
                                                       .data = data,
                                                       .udata = udata};
}

static const struct call *last_call(void) {
  CHECK_AT_LEAST(kernel.call_count, 1);
  return &kernel.calls[kernel.call_count - 1];
}

static void check_change(const struct kevent *change, short filter, unsigned flags) {
  CHECK_INT(change->filter, filter);
  CHECK_INT(change->flags & ~EV_RECEIPT, flags);
}

/* ---- The backend over it ---- */

static struct bp_backend *backend;
static struct bp_registration registration;

static void open_backend(void) {
  CHECK_OK(bp_kqueue.open(&backend));
  registration = (struct bp_registration){.fd = 7, .token = 70};
  kernel.call_count = 0;
}

static void close_backend(void) {
  bp_kqueue.close(backend);
}

static int set(unsigned interest) {
  const int error = bp_kqueue.set(backend, &registration, interest);
  if (!error) {
    registration.interest = interest;
  }
  return error;
}

/* One wait that finds one socket, or none: its readiness. */
static unsigned wait_once(void) {
  struct bp_ready ready[4];
  bool woken = false;
  const int count = bp_kqueue.wait(backend, bp_deadline_after(PATIENCE_MS), ready, 4, &woken);
  CHECK(!woken);
  CHECK_AT_LEAST(count, 0);
  CHECK_AT_MOST(count, 1);
  if (count == 0) {
    return 0;
  }
  CHECK_INT(ready[0].token, 70);
  return ready[0].readiness;
}

/* ---- Changes ---- */

static void every_change_has_a_receipt_and_udata(void) {
  open_backend();
  CHECK_OK(set(BP_READINESS_READ | BP_READINESS_WRITE));
  const struct call *call = last_call();
  CHECK_INT(kernel.call_count, 1);
  CHECK_INT(call->change_count, 2);
  CHECK_AT_LEAST(call->event_count, 2);
  CHECK(call->has_timeout && !call->timeout.tv_sec && !call->timeout.tv_nsec);
  for (int i = 0; i < 2; i++) {
    CHECK_INT(call->changes[i].flags, EV_ADD | EV_RECEIPT);
    CHECK(call->changes[i].udata == &registration);
  }
  CHECK_OK(set(0));
  for (int i = 0; i < 2; i++) {
    CHECK_INT(last_call()->changes[i].flags, EV_DELETE | EV_RECEIPT);
    CHECK(last_call()->changes[i].udata == &registration);
  }
  close_backend();
}

static void what_does_not_change_is_no_call(void) {
  open_backend();
  CHECK_OK(set(BP_READINESS_READ));
  CHECK_OK(set(BP_READINESS_READ | BP_READINESS_PEER_CLOSED));
  CHECK_OK(set(BP_READINESS_READ));
  CHECK_INT(kernel.call_count, 1);
  CHECK_OK(set(BP_READINESS_READ | BP_READINESS_WRITE));
  CHECK_INT(last_call()->change_count, 1);
  check_change(&last_call()->changes[0], EVFILT_WRITE, EV_ADD);
  close_backend();
}

static void a_filter_that_is_refused_takes_the_other_back(void) {
  open_backend();
  kernel.refuses_write = ENOMEM;
  CHECK_INT(set(BP_READINESS_READ | BP_READINESS_WRITE), -ENOMEM);
  CHECK_INT(kernel.call_count, 2);
  check_change(&last_call()->changes[0], EVFILT_READ, EV_DELETE);
  close_backend();
}

static void a_filter_that_is_gone_can_be_deleted(void) {
  open_backend();
  CHECK_OK(set(BP_READINESS_READ | BP_READINESS_WRITE));
  kernel.refuses_delete = ENOENT;
  CHECK_OK(set(0));
  kernel.refuses_read = ENOENT;
  CHECK_INT(set(BP_READINESS_READ), -ENOENT); /* which is no answer to an addition */
  close_backend();
}

/* OS X 10.10 and 10.11: the event comes all the same. */
static void a_pipe_without_a_reader_can_be_added(void) {
  open_backend();
  kernel.refuses_write = EPIPE;
  CHECK_OK(set(BP_READINESS_WRITE));
  kernel.refuses_read = EPIPE;
  CHECK_INT(set(BP_READINESS_READ | BP_READINESS_WRITE), -EPIPE);
  close_backend();
}

static void a_device_is_always_ready_but_not_a_terminal(void) {
  open_backend();
  kernel.refuses_read = EINVAL;
  registration.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  CHECK_INT(set(BP_READINESS_READ), -EPERM);
  close(registration.fd);
  registration.fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
  CHECK_AT_LEAST(registration.fd, 0);
  CHECK_INT(set(BP_READINESS_READ), -EINVAL);
  close(registration.fd);
  close_backend();
}

static void an_interrupted_change_is_made_again(void) {
  open_backend();
  kernel.interruptions = 2;
  CHECK_OK(set(BP_READINESS_READ));
  CHECK_INT(kernel.call_count, 3);
  check_change(&last_call()->changes[0], EVFILT_READ, EV_ADD);
  close_backend();
}

/* ---- Events ---- */

static void two_filters_are_one_socket(void) {
  struct bp_registration other = {.fd = 8, .token = 80, .interest = BP_READINESS_READ};
  struct bp_ready ready[4];
  bool woken = false;
  open_backend();
  CHECK_OK(set(BP_READINESS_READ | BP_READINESS_WRITE));
  shows(&registration, EVFILT_READ, 0, 0, 5);
  shows(&other, EVFILT_READ, 0, 0, 1);
  shows(&registration, EVFILT_WRITE, 0, 0, 8192);
  CHECK_INT(bp_kqueue.wait(backend, BP_FOREVER, ready, 4, &woken), 2);
  CHECK(!last_call()->has_timeout);
  CHECK_INT(ready[0].token, 70);
  CHECK_INT(ready[0].readiness, BP_READINESS_READ | BP_READINESS_WRITE);
  CHECK_INT(ready[1].token, 80);
  CHECK_INT(ready[1].readiness, BP_READINESS_READ);
  close_backend();
}

static void two_filters_leave_room_for_another_socket(void) {
  struct bp_registration other = {.fd = 8, .token = 80, .interest = BP_READINESS_READ};
  struct bp_ready ready[2];
  bool woken = false;
  open_backend();
  CHECK_OK(set(BP_READINESS_READ | BP_READINESS_WRITE));
  shows(&registration, EVFILT_READ, 0, 0, 5);
  shows(&registration, EVFILT_WRITE, 0, 0, 8192);
  shows(&other, EVFILT_READ, 0, 0, 1);
  CHECK_INT(bp_kqueue.wait(backend, BP_FOREVER, ready, 2, &woken), 2);
  CHECK_INT(ready[1].token, 80);
  close_backend();
}

/* FreeBSD and macOS: the peer has sent six bytes and its end. */
static void an_end_behind_bytes_hides_neither(void) {
  open_backend();
  CHECK_OK(set(BP_READINESS_READ));
  shows(&registration, EVFILT_READ, EV_EOF, 0, 6);
  CHECK_INT(wait_once(), BP_READINESS_READ | BP_READINESS_PEER_CLOSED);
  close_backend();
}

static void a_reset_is_told_by_fflags(void) {
  open_backend();
  CHECK_OK(set(BP_READINESS_READ | BP_READINESS_WRITE));
  shows(&registration, EVFILT_READ, EV_EOF, ECONNRESET, 0);
  shows(&registration, EVFILT_WRITE, EV_EOF, ECONNRESET, 8192);
  CHECK_INT(wait_once(), BP_READINESS_READ | BP_READINESS_WRITE | BP_READINESS_PEER_CLOSED |
                             BP_READINESS_HUNG_UP | BP_READINESS_ERROR);
  /* fflags without EV_EOF is something else. */
  shows(&registration, EVFILT_READ, 0, NOTE_LOWAT, 6);
  CHECK_INT(wait_once(), BP_READINESS_READ);
  close_backend();
}

/* While connecting only room to write is watched for, lest a read take the error away. */
static void a_refused_connection_is_writable_and_over(void) {
  open_backend();
  CHECK_OK(set(BP_READINESS_WRITE));
  shows(&registration, EVFILT_WRITE, EV_EOF, ECONNREFUSED, 0);
  CHECK_INT(wait_once(), BP_READINESS_WRITE | BP_READINESS_HUNG_UP | BP_READINESS_ERROR);
  close_backend();
}

/* macOS is content with a full buffer where more than fits was asked for; FreeBSD's pipes with one
 * byte. */
static void bytes_do_not_show_where_the_end_is_asked_for(void) {
  open_backend();
  CHECK_OK(set(BP_READINESS_PEER_CLOSED));
  CHECK_INT(last_call()->change_count, 1);
  check_change(&last_call()->changes[0], EVFILT_READ, EV_ADD | EV_CLEAR);
  CHECK_INT(last_call()->changes[0].fflags, NOTE_LOWAT);
  CHECK_AT_LEAST(last_call()->changes[0].data, 1 << 30);
  shows(&registration, EVFILT_READ, EV_CLEAR, 0, 131072);
  CHECK_INT(wait_once(), 0);

  shows(&registration, EVFILT_READ, EV_CLEAR | EV_EOF, 0, 131072);
  CHECK_INT(wait_once(), BP_READINESS_PEER_CLOSED);
  /* EV_CLEAR would show it no more: so it is added anew, to be level-triggered like all else. */
  CHECK_INT(last_call()->change_count, 2);
  check_change(&last_call()->changes[0], EVFILT_READ, EV_DELETE);
  check_change(&last_call()->changes[1], EVFILT_READ, EV_ADD);
  CHECK_INT(last_call()->changes[1].fflags, 0);
  CHECK(last_call()->changes[1].udata == &registration);
  const int calls = kernel.call_count;
  shows(&registration, EVFILT_READ, EV_EOF, 0, 131072);
  CHECK_INT(wait_once(), BP_READINESS_PEER_CLOSED);
  CHECK_INT(kernel.call_count, calls + 1);
  close_backend();
}

static void from_the_end_to_bytes_the_filter_is_made_anew(void) {
  open_backend();
  CHECK_OK(set(BP_READINESS_PEER_CLOSED));
  CHECK_OK(set(BP_READINESS_READ));
  CHECK_INT(last_call()->change_count, 2);
  check_change(&last_call()->changes[0], EVFILT_READ, EV_DELETE);
  check_change(&last_call()->changes[1], EVFILT_READ, EV_ADD);
  CHECK_OK(set(BP_READINESS_PEER_CLOSED | BP_READINESS_WRITE));
  CHECK_INT(last_call()->change_count, 3);
  close_backend();
}

static void an_interrupted_wait_says_so(void) {
  struct bp_ready ready[1];
  open_backend();
  kernel.interruptions = 1;
  CHECK_INT(bp_kqueue.wait(backend, BP_FOREVER, ready, 1, &(bool){false}), -EINTR);
  close_backend();
}

/* ---- The waker ---- */

static void the_user_event_is_there_before_it_is_triggered(void) {
  struct bp_ready ready[1];
  bool woken = false;
  CHECK_OK(bp_kqueue.open(&backend));
  check_change(&kernel.calls[0].changes[0], EVFILT_USER, EV_ADD | EV_CLEAR);
  kernel.call_count = 0;
  bp_kqueue.wake(backend);
  bp_kqueue.wake(backend); /* needs no second trigger */
  CHECK_INT(kernel.call_count, 1);
  CHECK_INT(last_call()->changes[0].fflags, NOTE_TRIGGER);
  shows(NULL, EVFILT_USER, EV_CLEAR, 0, 0);
  CHECK_INT(bp_kqueue.wait(backend, BP_FOREVER, ready, 1, &woken), 0);
  CHECK(woken);
  bp_kqueue.wake(backend);
  CHECK_INT(last_call()->changes[0].fflags, NOTE_TRIGGER);
  close_backend();
}

/* As on NetBSD before 10, and in some sandboxes. */
static void without_user_events_a_pipe_wakes(void) {
  struct bp_ready ready[1];
  bool woken = false;
  kernel.refuses_user = EINVAL;
  CHECK_OK(bp_kqueue.open(&backend));
  check_change(&last_call()->changes[0], EVFILT_READ, EV_ADD);
  const int read_fd = (int)last_call()->changes[0].ident;
  char byte = 0;
  CHECK_INT(read(read_fd, &byte, 1), -1);
  kernel.call_count = 0;
  bp_kqueue.wake(backend);
  CHECK_INT(kernel.call_count, 0);
  shows(NULL, EVFILT_READ, 0, 0, 1);
  CHECK_INT(bp_kqueue.wait(backend, BP_FOREVER, ready, 1, &woken), 0);
  CHECK(woken);
  CHECK_INT(read(read_fd, &byte, 1), -1); /* drained */
  close_backend();
}

/* ---- Without a set ---- */

static void one_wait_is_one_call(void) {
  struct bp_awaited entries[] = {{.fd = 7, .interest = BP_READINESS_READ},
                                 {.fd = -1, .interest = BP_READINESS_READ}};
  CHECK_INT(bp_await_by_kqueue(entries, 2, bp_deadline_after(0)), 0);
  CHECK_INT(kernel.call_count, 1);
  CHECK_INT(last_call()->change_count, 1);
  CHECK_INT(last_call()->changes[0].flags, EV_ADD);
}

static void a_descriptor_asked_about_twice_is_added_once(void) {
  struct bp_awaited entries[] = {{.fd = 7, .interest = BP_READINESS_WRITE},
                                 {.fd = 9, .interest = BP_READINESS_READ},
                                 {.fd = 7, .interest = BP_READINESS_READ}};
  CHECK_INT(bp_await_by_kqueue(entries, 3, BP_AT_ONCE), 0);
  CHECK_INT(last_call()->change_count, 3);
  kernel.call_count = 0;
  kernel.refuses_read = EBADF; /* of both: an error that is told, and ends the wait */
  CHECK_INT(bp_await_by_kqueue(entries, 3, BP_FOREVER), 3);
  CHECK_INT(entries[1].readiness, BP_READINESS_ERROR);
  CHECK_INT(entries[2].readiness, BP_READINESS_ERROR);
}

/* Where EV_EOF of the write filter means our own side as well as the peer's, it must not be asked
 * for. */
static void our_own_end_is_not_taken_for_the_peers(void) {
  struct bp_socket *pair[2];
  CHECK_OK(bp_socket_pair(pair));
  CHECK_OK(bp_socket_shutdown(pair[0]));
  const unsigned events =
      BP_EVENT_REMOTE_DISCONNECTED | BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_READY_TO_WRITE;
  CHECK_INT(bp_socket_holds(pair[0], events), BP_EVENT_CONNECTION_SUCCEEDED);
  CHECK_AT_LEAST(kernel.call_count, 1);
  for (int i = 0; i < kernel.call_count; i++) {
    for (int j = 0; j < kernel.calls[i].change_count; j++) {
      CHECK(kernel.calls[i].changes[j].filter != EVFILT_WRITE);
    }
  }
  close_pair(pair);
}

static const struct check_case cases[] = {
    CASE(every_change_has_a_receipt_and_udata),
    CASE(what_does_not_change_is_no_call),
    CASE(a_filter_that_is_refused_takes_the_other_back),
    CASE(a_filter_that_is_gone_can_be_deleted),
    CASE(a_pipe_without_a_reader_can_be_added),
    CASE(a_device_is_always_ready_but_not_a_terminal),
    CASE(an_interrupted_change_is_made_again),
    CASE(two_filters_are_one_socket),
    CASE(two_filters_leave_room_for_another_socket),
    CASE(an_end_behind_bytes_hides_neither),
    CASE(a_reset_is_told_by_fflags),
    CASE(a_refused_connection_is_writable_and_over),
    CASE(bytes_do_not_show_where_the_end_is_asked_for),
    CASE(from_the_end_to_bytes_the_filter_is_made_anew),
    CASE(an_interrupted_wait_says_so),
    CASE(the_user_event_is_there_before_it_is_triggered),
    CASE(without_user_events_a_pipe_wakes),
    CASE(one_wait_is_one_call),
    CASE(a_descriptor_asked_about_twice_is_added_once),
    CASE(our_own_end_is_not_taken_for_the_peers),
};
CHECK_MAIN(cases)
