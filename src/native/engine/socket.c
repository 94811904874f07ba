#include "socket.h"

#include "kind.h"
#include "ownership.h"
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int bp_socket_new(const struct bp_kind_ops *ops, enum bp_state state, int fd, const char *path,
                  size_t path_length, struct bp_socket **out) {
  struct bp_socket *socket = calloc(1, ops->size + path_length + 1);
  if (!socket) {
    return -ENOMEM;
  }
  char *copy = (char *)socket + ops->size;
  if (path_length) {
    memcpy(copy, path, path_length);
  }
  socket->ops = ops;
  socket->state = state;
  socket->fd = fd;
  socket->path = copy;
  socket->path_length = path_length;
  bp_ownership_note(fd);
  *out = socket;
  return 0;
}

void bp_socket_close(struct bp_socket *socket) {
  bp_socket_leave_observers(socket);
  /* First, as another thread may get the number as soon as it is closed. */
  bp_ownership_end(socket->fd);
  socket->ops->close(socket);
  bp_state_forget_given_back(socket);
  free(socket);
}

bool bp_socket_recall(struct bp_socket *socket) {
  for (struct bp_observer *each = socket->observers; each; each = each->next) {
    if (each->ops->recall) {
      each->ops->recall(each);
    }
  }
  return socket->given_back;
}

int bp_socket_detach(struct bp_socket *socket) {
  const int fd = bp_socket_fd(socket);
  if (fd < 0) {
    return -ENOTSUP;
  }
  if (bp_socket_recall(socket)) {
    return -EBUSY;
  }
  socket->leaves_open = true;
  bp_socket_close(socket);
  return fd;
}

enum bp_kind bp_socket_kind(const struct bp_socket *socket) {
  return socket->ops->kind;
}

int bp_socket_fd(const struct bp_socket *socket) {
  return socket->ops->hides_descriptor ? -1 : socket->fd;
}

const char *bp_socket_path(const struct bp_socket *socket, size_t *length) {
  *length = socket->path_length;
  return socket->path;
}
