/* Receiving and sending messages: what is the same for every kind that carries them. */
#include "connecting.h"
#include "fd_message.h"
#include "kind.h"
#include "state.h"

#include <errno.h>

static size_t at_most_in_one_call(size_t count) {
  return count < BP_MAX_MESSAGES ? count : BP_MAX_MESSAGES;
}

/* ---- Receiving ---- */

/* What the kind's function gives, after no signal. */
static int receive_some(struct bp_socket *socket, struct bp_message *messages, size_t count) {
  int got = 0;
  do {
    got = socket->ops->receive(socket, messages, count);
  } while (got == -EINTR);
  return got;
}

/* Adds to those that came, one by one. What is told behind them is told once by the system, so it
 * is kept for the next call; the end and a lack of memory come again by themselves. */
static int receive_more(struct bp_socket *socket, struct bp_message *messages, int count, int got) {
  while (got < count) {
    const int more = receive_some(socket, messages + got, (size_t)(count - got));
    if (more <= 0) {
      if (more < 0 && more != -EAGAIN && more != -EWOULDBLOCK && !bp_is_passing(more)) {
        bp_state_defer_error(socket, more);
      }
      break;
    }
    got += more;
  }
  return got;
}

int bp_socket_receive(struct bp_socket *socket, struct bp_message *messages, size_t count) {
  const int refusal = socket->ops->receive ? bp_socket_refusal(socket) : -EPROTOTYPE;
  if (refusal || count == 0) {
    return refusal < 0 ? refusal : 0;
  }
  if (socket->read_error) {
    return bp_state_take_read_error(socket);
  }
  const size_t room = at_most_in_one_call(count);
  int got = receive_some(socket, messages, room);
  if (got > 0 && !BP_RECEIVES_ALL) {
    got = receive_more(socket, messages, (int)room, got);
  }
  return (int)bp_state_read(socket, 1, got);
}

/* ---- Sending ---- */

/* Says nothing of the next message: this one was too long, or had nobody to go to. */
static bool is_of_one_message(const struct bp_socket *socket, int error) {
  if (error >= 0 || error == -EAGAIN || error == -EWOULDBLOCK || bp_is_passing(error)) {
    return false;
  }
  return !socket->ops->has_final_errors || error == -EMSGSIZE;
}

/* As kind.h has it, after no signal. */
static int send_some(struct bp_socket *socket, const struct bp_outgoing *messages, size_t count) {
  int sent = 0;
  do {
    sent = socket->ops->send(socket, messages, at_most_in_one_call(count));
  } while (sent == -EINTR);
  return is_of_one_message(socket, sent) ? sent : (int)bp_state_written(socket, sent);
}

int bp_socket_send(struct bp_socket *socket, const struct bp_outgoing *messages, size_t count) {
  const int refusal = socket->ops->send ? bp_socket_refusal(socket) : -EPROTOTYPE;
  if (refusal || count == 0) {
    return refusal < 0 ? refusal : 0;
  }
  int sent = 0;
  while ((size_t)sent < count) {
    const int more = send_some(socket, messages + sent, count - (size_t)sent);
    if (more <= 0) {
      return sent > 0 ? sent : more;
    }
    sent += more;
  }
  return sent;
}
