/* Receiving and sending messages: what is the same for every kind that carries them. */
#include "connecting.h"
#include "kind.h"
#include "state.h"

#include <errno.h>

int bp_socket_receive(struct bp_socket *socket, struct bp_message *messages, size_t count) {
  const int refusal = socket->ops->receive ? bp_socket_refusal(socket) : -EPROTOTYPE;
  if (refusal || count == 0) {
    return refusal < 0 ? refusal : 0;
  }
  if (socket->read_error) {
    return socket->read_error;
  }
  int got = 0;
  do {
    got = socket->ops->receive(socket, messages, count < BP_MAX_MESSAGES ? count : BP_MAX_MESSAGES);
  } while (got == -EINTR);
  return (int)bp_state_read(socket, 1, got);
}

/* Says nothing of the next message: this one was too long, or had nobody to go to. */
static bool is_of_one_message(const struct bp_socket *socket, int error) {
  if (error == 0 || error == -EAGAIN || error == -EWOULDBLOCK || bp_is_passing(error)) {
    return false;
  }
  return !socket->ops->has_final_errors || error == -EMSGSIZE;
}

int bp_socket_send(struct bp_socket *socket, const void *bytes, size_t length,
                   const struct bp_endpoint *to) {
  const int refusal = socket->ops->send ? bp_socket_refusal(socket) : -EPROTOTYPE;
  if (refusal) {
    return refusal < 0 ? refusal : 0;
  }
  int error = 0;
  do {
    error = socket->ops->send(socket, bytes, length, to);
  } while (error == -EINTR);
  return is_of_one_message(socket, error) ? error
                                          : (int)bp_state_written(socket, error ? error : 1);
}
