/* How sockets come, connect, accept and go. */
#include "deadline.h"
#include "descriptor.h"
#include "socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ACCEPT_PAUSE_NS (50 * BP_NS_PER_MS)
#define LAST_STANDARD_STREAM 2
#define RETRY_NS BP_NS_PER_MS
#define MAX_RETRY_SHIFT 4 /* so at most 16 ms between two tries */

int bp_socket_new(enum bp_kind kind, enum bp_state state, int fd, const char *path,
                  size_t path_length, struct bp_socket **out) {
  struct bp_socket *socket = calloc(1, sizeof *socket + path_length + 1);
  if (!socket) {
    return -ENOMEM;
  }
  socket->kind = kind;
  socket->state = state;
  socket->fd = fd;
  socket->path_length = path_length;
  if (path_length) {
    memcpy(socket->path, path, path_length);
  }
  *out = socket;
  return 0;
}

static void give_back(struct bp_socket *socket) {
  if (socket->kind == BP_LOCAL_STREAM || socket->kind == BP_LOCAL_SERVER) {
    bp_local_close(socket);
  } else if (socket->fd > LAST_STANDARD_STREAM || socket->kind != BP_DESCRIPTOR) {
    /* The standard streams are not ours alone: their numbers must not be given to the next file. */
    bp_descriptor_close(socket->fd);
  }
}

void bp_socket_close(struct bp_socket *socket) {
  bp_socket_leave_observers(socket);
  give_back(socket);
  free(socket);
}

/* ---- Connecting ---- */

int bp_socket_retry_later(struct bp_socket *socket) {
  const int shift = socket->retries < MAX_RETRY_SHIFT ? socket->retries++ : MAX_RETRY_SHIFT;
  socket->not_before = bp_now_ns() + (RETRY_NS << shift);
  return -EINPROGRESS;
}

int bp_local_begin(struct bp_socket *socket, struct bp_socket **out) {
  const int error = bp_local_connect(socket);
  if (error == -EINPROGRESS) {
    socket->state = BP_RETRYING;
  } else if (error) {
    bp_socket_close(socket);
    return error;
  }
  *out = socket;
  return 0;
}

void bp_socket_determine(struct bp_socket *socket) {
  int outcome = -EINPROGRESS;
  if (socket->state == BP_CONNECTING) {
    outcome = bp_tcp_outcome(socket);
  } else if (socket->state == BP_RETRYING && bp_now_ns() >= socket->not_before) {
    outcome = bp_local_connect(socket);
  }
  if (outcome == 0) {
    bp_socket_become(socket, BP_CONNECTED, 0);
  } else if (outcome != -EINPROGRESS) {
    bp_socket_become(socket, BP_FAILED, outcome);
  }
}

int bp_socket_refusal(struct bp_socket *socket) {
  if (socket->state != BP_CONNECTED) {
    bp_socket_determine(socket);
  }
  switch (socket->state) {
  case BP_CONNECTED:
    return 0;
  case BP_FAILED:
    return socket->connect_error;
  case BP_LISTENING:
    return -ENOTCONN;
  case BP_CONNECTING:
  case BP_RETRYING:
    break;
  }
  return 1;
}

/* ---- Accepting ---- */

static bool is_out_of_resources(int error) {
  return error == -EMFILE || error == -ENFILE || error == -ENOBUFS || error == -ENOMEM;
}

static void resume_accepting(struct bp_socket *server) {
  if (server->not_before) {
    server->not_before = 0;
    bp_socket_changed(server);
  }
}

static int accept_descriptor(struct bp_socket *server, struct bp_socket **out) {
  int fd = -1;
  int error = 0;
  do {
    /* ECONNABORTED and its like: that client has left again, another may be waiting. */
    error = bp_descriptor_accept(server->fd, &fd);
  } while (error == -EINTR || error == -ECONNABORTED || error == -EPROTO);
  if (error) {
    return error == -EWOULDBLOCK ? -EAGAIN : error;
  }
  const enum bp_kind kind = server->kind == BP_TCP_SERVER ? BP_TCP_STREAM : BP_LOCAL_STREAM;
  error = bp_socket_new(kind, BP_CONNECTED, fd, server->path, server->path_length, out);
  if (error) {
    bp_descriptor_close(fd);
    return error;
  }
  if (kind == BP_TCP_STREAM) {
    bp_tcp_remember_peer(*out);
  }
  return 0;
}

static int accept_next(struct bp_socket *server, struct bp_socket **out) {
#ifdef _WIN32
  if (server->kind == BP_LOCAL_SERVER) {
    return bp_local_accept(server, out);
  }
#endif
  return accept_descriptor(server, out);
}

int bp_socket_accept(struct bp_socket *server, struct bp_socket **out) {
  const int error = accept_next(server, out);
  if (is_out_of_resources(error)) {
    /* The connection goes on waiting, so the listener stays ready: let pollers rest it a while. */
    server->not_before = bp_now_ns() + ACCEPT_PAUSE_NS;
    bp_socket_changed(server);
  }
  if (!error) {
    resume_accepting(server);
  }
  return error;
}
