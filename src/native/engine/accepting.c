/* Accepting: what is the same for every kind of server. */
#include "kind.h"
#include "state.h"

#include <errno.h>

static bool is_out_of_resources(int error) {
  return error == -EMFILE || error == -ENFILE || bp_is_passing(error);
}

static int accept_next(struct bp_socket *server, struct bp_socket **out) {
  int error = 0;
  do {
    /* ECONNABORTED and its like: that client has left again, another may be waiting. */
    error = server->ops->accept(server, out);
  } while (error == -EINTR || error == -ECONNABORTED || error == -EPROTO);
  return error == -EWOULDBLOCK ? -EAGAIN : error;
}

int bp_socket_accept(struct bp_socket *server, struct bp_socket **out) {
  const int error = server->ops->accept ? accept_next(server, out) : -EINVAL;
  if (is_out_of_resources(error)) {
    /* The connection goes on waiting, so the listener stays ready: let pollers rest it a while. */
    bp_state_pause_accepting(server);
  }
  if (!error) {
    bp_state_resume_accepting(server);
  }
  return error;
}
