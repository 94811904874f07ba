/*
 * A socket's state, shared by the files of the engine.
 *
 * What cannot become otherwise again (the peer has ended, writing is broken) is remembered here, so
 * that a descriptor which the kernel reports as ready for ever is taken out of its set, not spun
 * on.
 */
#ifndef BIPOLL_SOCKET_H
#define BIPOLL_SOCKET_H

#include "address.h"
#include "backend.h"
#include "engine.h"
#include "observer.h"

#include <sys/types.h>

enum bp_state {
  BP_LISTENING,
  BP_CONNECTING, /* the kernel will make it writable when it knows */
  BP_RETRYING,   /* a local server's backlog was full: the kernel tells nothing, so ask again */
  BP_CONNECTED,
  BP_FAILED,
};

struct bp_socket {
  enum bp_kind kind;
  enum bp_state state;
  int fd;
  int connect_error; /* negated; why the state is BP_FAILED */
  int read_error;    /* negated; a look ahead took it from the kernel, which tells it only once */
  bool has_ended;    /* the peer has ended, and all it sent was read */
  bool is_drained;   /* the last read took all there was, so the next will probably have to wait */
  bool is_write_broken;
  bool holds_unread;    /* see bp_socket_hold_unread */
  bool is_always_ready; /* a regular file, which no epoll takes */
  bool may_block;       /* a descriptor from elsewhere, whose flags others share */
  bool deletes_path;    /* a local server: the file is ours to delete */
  uint8_t retries;      /* of a full backlog, or of an accept that found no free descriptor */
  int64_t not_before;   /* when to try that again */
  struct bp_observer *observers;
  union bp_ip_address peer; /* TCP */
#ifdef _WIN32
  struct bp_named_pipe *pipe;        /* a local stream: instead of fd, which is -1 */
  struct bp_pipe_listener *listener; /* a local server: likewise */
#else
  dev_t path_device; /* a local server: which file it bound */
  ino_t path_inode;
#endif
  size_t path_length;
  char path[]; /* with a NUL behind it */
};

int bp_socket_new(enum bp_kind kind, enum bp_state state, int fd, const char *path,
                  size_t path_length, struct bp_socket **out);
void bp_socket_become(struct bp_socket *socket, enum bp_state state, int error);

/* The server is there but has no room: puts off the next try. Returns -EINPROGRESS. */
int bp_socket_retry_later(struct bp_socket *socket);

/* Learns from the system whether connecting is over. */
void bp_socket_determine(struct bp_socket *socket);

/* 0 if bytes can go through it now; 1 if that is not known yet; else why it has failed. */
int bp_socket_refusal(struct bp_socket *socket);

/* What must be watched for to notice these events. */
unsigned bp_socket_interest(const struct bp_socket *socket, unsigned events);

/* When to ask the socket itself, since no kernel will tell: BP_AT_ONCE at each wait, BP_FOREVER
 * never. */
bp_deadline_ns bp_socket_ask_at(const struct bp_socket *socket, unsigned events);

/* As bp_socket_holds, given the readiness that was found while interest was watched for. */
unsigned bp_socket_holds_given(struct bp_socket *socket, unsigned events, unsigned readiness,
                               unsigned interest);

/* tcp.c: whether connecting is over: 0 yes, -EINPROGRESS not yet, else why it failed. */
int bp_tcp_outcome(const struct bp_socket *socket);
/* The system forgets it when the connection ends. */
void bp_tcp_remember_peer(struct bp_socket *socket);

/* The first bp_local_connect of a new socket, which is out's afterwards, or closed on an error. */
int bp_local_begin(struct bp_socket *socket, struct bp_socket **out);

/* local.c of posix/ or windows/: 0, or -EINPROGRESS: to be tried again, else why it failed. */
int bp_local_connect(struct bp_socket *socket);
/* Gives back what the system has of it. */
void bp_local_close(struct bp_socket *socket);
#ifdef _WIN32
/* NULL while it is not connected. */
struct bp_waitable *bp_local_waitable(const struct bp_socket *socket);
int bp_local_accept(struct bp_socket *server, struct bp_socket **out);
#endif

#endif
