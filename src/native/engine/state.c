#include "state.h"

#include "clock.h"
#include "kind.h"

#include <stdlib.h>
#include <string.h>

#define ACCEPT_PAUSE_NS (50 * BP_NS_PER_MS)
#define RETRY_NS BP_NS_PER_MS
#define MAX_RETRY_SHIFT 4 /* so at most 16 ms between two tries */

static int64_t next_retry_ns(struct bp_socket *socket) {
  const int shift = socket->retries < MAX_RETRY_SHIFT ? socket->retries++ : MAX_RETRY_SHIFT;
  return RETRY_NS << shift;
}

static void tell_observers(struct bp_socket *socket) {
  struct bp_observer *next = NULL;
  for (struct bp_observer *each = socket->observers; each; each = next) {
    next = each->next;
    each->ops->changed(each);
  }
}

/* ---- Connecting ---- */

/* No observer has to be told: each wait asks anew when to ask. */
static void retry_later(struct bp_socket *socket) {
  socket->not_before = bp_now_ns() + next_retry_ns(socket);
}

void bp_state_connecting(struct bp_socket *socket, int outcome) {
  if (outcome == -EINPROGRESS) {
    if (socket->state == BP_STATE_RETRYING) {
      retry_later(socket);
    }
    return;
  }
  socket->state = outcome ? BP_STATE_FAILED : BP_STATE_CONNECTED;
  socket->connect_error = outcome;
  socket->retries = 0;
  tell_observers(socket);
}

void bp_state_retry_now(struct bp_socket *socket) {
  socket->not_before = BP_AT_ONCE;
}

/* ---- Rests ---- */

static void rest(struct bp_socket *socket, unsigned events, int64_t ns) {
  socket->at_rest |= events;
  socket->not_before = bp_now_ns() + ns;
  tell_observers(socket);
}

static void end_rest(struct bp_socket *socket, unsigned events) {
  if (socket->at_rest & events) {
    socket->at_rest &= ~events;
    tell_observers(socket);
  }
}

/* The call that failed has succeeded. */
static void recover(struct bp_socket *socket, unsigned events) {
  end_rest(socket, events);
  if (!socket->at_rest) {
    socket->retries = 0;
  }
}

unsigned bp_state_awake(const struct bp_socket *socket, unsigned events) {
  const unsigned needs_no_call = socket->holds_unread ? BP_EVENT_DATA_AVAILABLE : 0U;
  return events & ~(socket->at_rest & ~needs_no_call);
}

void bp_state_end_rest_in_time(struct bp_socket *socket) {
  if (socket->at_rest && bp_now_ns() >= socket->not_before) {
    end_rest(socket, socket->at_rest);
  }
}

void bp_state_pause_accepting(struct bp_socket *server) {
  rest(server, BP_EVENT_CONNECTION_AVAILABLE, ACCEPT_PAUSE_NS);
}

void bp_state_resume_accepting(struct bp_socket *server) {
  end_rest(server, BP_EVENT_CONNECTION_AVAILABLE);
}

/* ---- Reading and writing ---- */

static int64_t note_end(struct bp_socket *socket) {
  if (!socket->has_ended) {
    socket->has_ended = true;
    tell_observers(socket);
  }
  return BP_END;
}

static int64_t note_read_error(struct bp_socket *socket, int error) {
  if (bp_is_passing(error)) {
    rest(socket, BP_EVENTS_OF_READING, next_retry_ns(socket));
    return error;
  }
  /* ENOTSOCK is only a refusal to look ahead. */
  if (socket->ops->has_final_errors && error != -ENOTSOCK) {
    socket->read_error = error;
    tell_observers(socket);
  }
  return error;
}

void bp_state_defer_error(struct bp_socket *socket, int error) {
  socket->read_error = error;
  tell_observers(socket);
}

int bp_state_take_read_error(struct bp_socket *socket) {
  const int error = socket->read_error;
  if (!socket->ops->has_final_errors) {
    socket->read_error = 0;
    tell_observers(socket);
  }
  return error;
}

void bp_state_break_writing(struct bp_socket *socket) {
  if (!socket->is_write_broken) {
    socket->is_write_broken = true;
    tell_observers(socket);
  }
}

static bool is_nothing_now(int64_t error) {
  return error == -EAGAIN || error == -EWOULDBLOCK;
}

int64_t bp_state_read(struct bp_socket *socket, size_t length, int64_t got) {
  if (got < 0 && !is_nothing_now(got)) {
    return note_read_error(socket, (int)got);
  }
  recover(socket, BP_EVENTS_OF_READING);
  if (got > 0) {
    socket->is_drained = (size_t)got < length;
    return got;
  }
  return got == 0 ? note_end(socket) : 0;
}

int64_t bp_state_written(struct bp_socket *socket, int64_t taken) {
  if (bp_is_passing(taken)) {
    rest(socket, BP_EVENTS_OF_WRITING, next_retry_ns(socket));
    return 0;
  }
  recover(socket, BP_EVENTS_OF_WRITING);
  if (taken >= 0 || is_nothing_now(taken)) {
    return taken >= 0 ? taken : 0;
  }
  bp_state_break_writing(socket);
  /* A read, or a look ahead, took the cause from the system, which tells it once. */
  return taken == -EPIPE && socket->read_error ? socket->read_error : taken;
}

void bp_socket_hold_unread(struct bp_socket *socket, bool holds) {
  if (socket->holds_unread != holds) {
    socket->holds_unread = holds;
    tell_observers(socket);
  }
}

/* ---- Bytes that were given back ---- */

struct bp_given_back {
  size_t start, end; /* of those that are left */
  uint8_t bytes[];
};

int bp_state_give_back(struct bp_socket *socket, const void *bytes, size_t length) {
  struct bp_given_back *before = socket->given_back;
  const size_t end = before ? before->end : 0;
  struct bp_given_back *grown = realloc(before, sizeof *grown + end + length);
  if (!grown) {
    socket->read_error = -ENOMEM;
    tell_observers(socket);
    return -ENOMEM;
  }
  grown->start = before ? grown->start : 0;
  grown->end = end + length;
  memcpy(grown->bytes + end, bytes, length);
  socket->given_back = grown;
  tell_observers(socket);
  return 0;
}

size_t bp_state_take_back(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  struct bp_given_back *given_back = socket->given_back;
  const size_t present = given_back ? given_back->end - given_back->start : 0;
  const size_t taken = length < present ? length : present;
  if (taken) {
    memcpy(bytes, given_back->bytes + given_back->start, taken);
  }
  if (peek || !taken) {
    return taken;
  }
  given_back->start += taken;
  if (taken == present) {
    bp_state_forget_given_back(socket);
    tell_observers(socket);
  }
  return taken;
}

void bp_state_forget_given_back(struct bp_socket *socket) {
  free(socket->given_back);
  socket->given_back = NULL;
}
