/*
 * A socket: what is remembered of it, whatever its kind. The structure of each kind begins with
 * this one: kind.h.
 */
#ifndef BIPOLL_SOCKET_H
#define BIPOLL_SOCKET_H

#include "engine.h"
#include "observer.h"

enum bp_state {
  BP_STATE_LISTENING,
  BP_STATE_CONNECTING, /* the kernel will make it writable when it knows */
  BP_STATE_RETRYING, /* a local server's backlog was full: the kernel tells nothing, so ask again */
  BP_STATE_CONNECTED, /* or in no need of it */
  BP_STATE_FAILED,
};

/*
 * States that are final (the peer has ended, writing is broken) are remembered here, so that a
 * descriptor which the kernel reports as ready for ever leaves the kernel's set instead of making
 * us spin. Only the functions of state.h change what is between the two lines.
 */
struct bp_socket {
  const struct bp_kind_ops *ops;
  int fd; /* -1: it has none, but a waitable (kind.h) */
  /* Closing the socket leaves the descriptor open: an adopted 0, 1 or 2, whose number must not go
   * to the next file; or one that was given away. */
  bool leaves_open;
  const char *path; /* "" where there is none */
  size_t path_length;
  struct bp_observer *observers;
  bool takes_descriptors; /* the pump receives what is attached to its bytes */
  /* ---- */
  enum bp_state state;
  int connect_error; /* negated; why the state is BP_STATE_FAILED */
  int read_error;  /* negated; taken from the kernel, which tells it only once: by a look ahead, or
                      behind messages */
  bool has_ended;  /* the peer has ended, and all it sent was read */
  bool is_drained; /* the last read took all there was, so the next will probably have to wait */
  bool is_write_broken;
  bool holds_unread;                /* see bp_socket_hold_unread */
  struct bp_given_back *given_back; /* see bp_state_give_back; NULL: none */
  unsigned at_rest;   /* events that pollers do not report before then: a call failed with an error
                         that passes, and the system says all the while that it is ready */
  uint8_t retries;    /* how often in a row, so that each rest is longer than the one before */
  int64_t not_before; /* when to try again: to connect, or what is at rest */
  /* ---- */
};

/*
 * A socket of that kind, all zero beyond struct bp_socket, with a copy of the path. -ENOMEM: the
 * descriptor stays the caller's.
 */
int bp_socket_new(const struct bp_kind_ops *ops, enum bp_state state, int fd, const char *path,
                  size_t path_length, struct bp_socket **out);

#endif
