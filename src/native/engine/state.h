/*
 * All changes of a socket's remembered state. They are made here alone, and each one that affects
 * what must be watched for is told to the socket's observers: so the watches always follow the
 * state.
 */
#ifndef BIPOLL_STATE_H
#define BIPOLL_STATE_H

#include "socket.h"

#include <errno.h>

/* Connecting is over: 0, or why it failed. -EINPROGRESS: it is not over, and in BP_STATE_RETRYING
 * the next try is put off. */
void bp_state_connecting(struct bp_socket *socket, int outcome);
/* The next try need not wait: somebody asks. */
void bp_state_retry_now(struct bp_socket *socket);

/* No descriptor is left for the next connection, which stays in the backlog: the server rests a
 * while. */
void bp_state_pause_accepting(struct bp_socket *server);
void bp_state_resume_accepting(struct bp_socket *server);

/* Those of the events that are not at rest. */
unsigned bp_state_awake(const struct bp_socket *socket, unsigned events);
/* Ends a rest whose time is over: the next call tells whether it must go on. */
void bp_state_end_rest_in_time(struct bp_socket *socket);

/* What rests after a read (write) that failed with an error that passes. */
#define BP_EVENTS_OF_READING                                                                       \
  (BP_EVENT_DATA_AVAILABLE | BP_EVENT_READABLE | BP_EVENT_REMOTE_DISCONNECTED)
#define BP_EVENTS_OF_WRITING (BP_EVENT_READY_TO_WRITE | BP_EVENT_WRITABLE)

/* Writing is over: by us, by an error, or since the peer is gone. */
void bp_state_break_writing(struct bp_socket *socket);

/*
 * Whether a system only lacks memory at the moment, so that the same call may succeed later. Of a
 * write, libuv takes ENOBUFS alone for that; Linux says ENOBUFS of a local socket where it says
 * ENOMEM of others, and a call that fails with either has done nothing.
 */
static inline bool bp_is_passing(int64_t error) {
  return error == -ENOMEM || error == -ENOBUFS;
}

/*
 * Bytes were taken from the system before anybody wanted them: the next reads give them first. All
 * that asks for data finds them. -ENOMEM: they are lost, so reading has failed with that.
 */
int bp_state_give_back(struct bp_socket *socket, const void *bytes, size_t length);
/* Moves, or with peek copies, as many as there is room for. Returns how many. */
size_t bp_state_take_back(struct bp_socket *socket, void *bytes, size_t length, bool peek);
/* Frees them, as the socket is closed. */
void bp_state_forget_given_back(struct bp_socket *socket);

/* An error came behind messages of the same call: the next one tells it. */
void bp_state_defer_error(struct bp_socket *socket, int error);
/* The error that is remembered, for a read to tell: once, unless it is final. */
int bp_state_take_read_error(struct bp_socket *socket);

/* Takes what a kind's read gave for that length, and returns what bp_socket_read does. After an
 * error that passes, reading rests. */
int64_t bp_state_read(struct bp_socket *socket, size_t length, int64_t got);
/* Likewise of a write. A system that lacks memory takes nothing now, and writing rests. */
int64_t bp_state_written(struct bp_socket *socket, int64_t taken);

#endif
