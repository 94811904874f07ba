/* What a socket's state and readiness mean: the predicates, the same for every backend. */
#include "socket.h"

#include "deadline.h"
#include "probe.h"

#define CONNECTION_EVENTS (BP_DETERMINED | BP_CONNECTION_SUCCEEDED | BP_CONNECTION_FAILED)
#define CLOSED (BP_PEER_CLOSED | BP_HUNG_UP | BP_ERROR)

static bool is_paused(const struct bp_socket *server) {
  return server->not_before && bp_now_ns() < server->not_before;
}

void bp_socket_become(struct bp_socket *socket, enum bp_state state, int error) {
  socket->state = state;
  socket->connect_error = error;
  bp_socket_changed(socket);
}

unsigned bp_socket_interest(const struct bp_socket *socket, unsigned events) {
  unsigned interest = 0;
  if (!events) {
    return 0;
  }
  switch (socket->state) {
  case BP_LISTENING:
    return is_paused(socket) ? 0 : BP_READ;
  case BP_CONNECTING:
    return BP_WRITE;
  case BP_RETRYING:
  case BP_FAILED:
    return 0;
  case BP_CONNECTED:
    break;
  }
  if (socket->kind == BP_DESCRIPTOR) {
    if (socket->is_always_ready) {
      return 0;
    }
    return (events & BP_READABLE ? BP_READ : 0U) | (events & BP_WRITABLE ? BP_WRITE : 0U) |
           (events & BP_HANGUP ? BP_PEER_CLOSED : 0U);
  }
  /* Readable for ever after its end, so nothing to watch for then; likewise a broken writer. */
  if (events & BP_DATA_AVAILABLE && !socket->has_ended && !socket->read_error) {
    interest |= BP_READ;
  }
  if (events & (BP_READY_TO_WRITE | BP_WRITABLE) && !socket->is_write_broken) {
    interest |= BP_WRITE;
  }
  /* The pump's, which drops these by itself when all is said. */
  interest |= events & BP_READABLE ? BP_READ : 0U;
  if (events & BP_REMOTE_DISCONNECTED) {
    interest |= BP_PEER_CLOSED;
  }
  return interest;
}

bp_deadline_ns bp_socket_ask_at(const struct bp_socket *socket, unsigned events) {
  if (!events) {
    return BP_FOREVER;
  }
  switch (socket->state) {
  case BP_LISTENING:
    return is_paused(socket) ? socket->not_before : BP_FOREVER;
  case BP_RETRYING:
    return socket->not_before;
  case BP_CONNECTING:
    return BP_FOREVER;
  case BP_CONNECTED:
  case BP_FAILED:
    break;
  }
  const bool is_known = events & CONNECTION_EVENTS || socket->is_always_ready ||
                        socket->state == BP_FAILED ||
                        (socket->holds_unread && events & BP_DATA_AVAILABLE) ||
                        (socket->is_write_broken && events & BP_WRITABLE);
  return is_known ? BP_AT_ONCE : BP_FOREVER;
}

static unsigned descriptor_holds(const struct bp_socket *socket, unsigned events,
                                 unsigned readiness) {
  if (socket->is_always_ready) {
    return events & (BP_READABLE | BP_WRITABLE);
  }
  /* After a hang-up neither reading nor writing blocks: they give the end, or the error. */
  const unsigned over = readiness & (BP_HUNG_UP | BP_ERROR);
  return events & ((over || readiness & BP_READ ? BP_READABLE : 0U) |
                   (over || readiness & BP_WRITE ? BP_WRITABLE : 0U) |
                   (over || readiness & BP_PEER_CLOSED ? BP_HANGUP : 0U));
}

static bool data_available(struct bp_socket *socket, unsigned readiness) {
  if (socket->holds_unread) {
    return true;
  }
  if (socket->has_ended || socket->read_error || !(readiness & (BP_READ | CLOSED))) {
    return false;
  }
  if (!(readiness & CLOSED)) {
    return true;
  }
  /* The end is readable as well: only a look ahead tells it from data that came before it. */
  char byte = 0;
  return bp_socket_read(socket, &byte, 1, true) > 0;
}

static unsigned stream_holds(struct bp_socket *socket, unsigned events, unsigned readiness) {
  if (readiness & (BP_HUNG_UP | BP_ERROR)) {
    socket->is_write_broken = true;
  }
  unsigned holds = BP_DETERMINED;
  if (events & BP_DATA_AVAILABLE && data_available(socket, readiness)) {
    holds |= BP_DATA_AVAILABLE;
  }
  if (readiness & BP_WRITE && !socket->is_write_broken) {
    holds |= BP_READY_TO_WRITE;
  }
  if (readiness & BP_WRITE || socket->is_write_broken) {
    holds |= BP_WRITABLE;
  }
  const bool is_closed = readiness & CLOSED || socket->has_ended || socket->read_error;
  if (is_closed || readiness & BP_READ) {
    holds |= BP_READABLE;
  }
  holds |= is_closed ? BP_REMOTE_DISCONNECTED : BP_CONNECTION_SUCCEEDED;
  return holds & events;
}

unsigned bp_socket_holds_given(struct bp_socket *socket, unsigned events, unsigned readiness,
                               unsigned interest) {
  bp_socket_determine(socket);
  if (socket->state == BP_CONNECTING || socket->state == BP_RETRYING) {
    return 0;
  }
  if (socket->state == BP_FAILED) {
    return events & (BP_DETERMINED | BP_CONNECTION_FAILED | BP_READABLE | BP_WRITABLE);
  }
  /* What was not watched for was not reported either. To watch for data is to watch for the end. */
  unsigned needed = bp_socket_interest(socket, events);
  if (events & BP_CONNECTION_SUCCEEDED) {
    needed |= BP_PEER_CLOSED;
  }
  if (interest & BP_READ) {
    interest |= BP_PEER_CLOSED;
  }
  if (needed & ~interest) {
    readiness = bp_socket_probe(socket, needed);
  }
  if (socket->state == BP_LISTENING) {
    return readiness & BP_READ ? events & BP_CONNECTION_AVAILABLE : 0;
  }
  if (socket->kind == BP_DESCRIPTOR) {
    return descriptor_holds(socket, events, readiness);
  }
  return stream_holds(socket, events, readiness);
}

unsigned bp_socket_holds(struct bp_socket *socket, unsigned events) {
  if (socket->state == BP_RETRYING) {
    socket->not_before = BP_AT_ONCE; /* who asks wants to know now */
  }
  if (socket->state == BP_LISTENING) {
    return bp_socket_probe(socket, BP_READ) & BP_READ ? events & BP_CONNECTION_AVAILABLE : 0;
  }
  return bp_socket_holds_given(socket, events, 0, 0);
}

int bp_socket_error(struct bp_socket *socket) {
  bp_socket_determine(socket);
  return socket->connect_error;
}

void bp_socket_hold_unread(struct bp_socket *socket, bool holds) {
  if (socket->holds_unread != holds) {
    socket->holds_unread = holds;
    bp_socket_changed(socket);
  }
}

enum bp_kind bp_socket_kind(const struct bp_socket *socket) {
  return socket->kind;
}

int bp_socket_fd(const struct bp_socket *socket) {
  return socket->fd;
}

const char *bp_socket_path(const struct bp_socket *socket, size_t *length) {
  *length = socket->path_length;
  return socket->path;
}
