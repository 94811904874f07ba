/* Accepting: what is the same for every kind of server. */
#include "kind.h"
#include "state.h"

#include <errno.h>

static int accept_next(struct bp_socket *server, struct bp_socket **out) {
  int error = 0;
  do {
    /* ECONNABORTED and its like: this client has left again, but another may be waiting. */
    error = server->ops->accept(server, out);
  } while (error == -EINTR || error == -ECONNABORTED || error == -EPROTO);
  return error == -EWOULDBLOCK ? -EAGAIN : error;
}

int bp_socket_accept(struct bp_socket *server, struct bp_socket **out) {
  if (!server->ops->accept) {
    return -EINVAL;
  }
  const int error = accept_next(server, out);
  if (!error) {
    bp_state_resume_accepting(server);
  } else if (error != -EAGAIN) {
    /* Whatever the error is, the listener stays ready: pollers let it rest a while. */
    bp_state_pause_accepting(server);
  }
  return error;
}
