#include "connecting.h"

#include "clock.h"
#include "kind.h"
#include "state.h"

#include <errno.h>

void bp_socket_determine(struct bp_socket *socket) {
  if (socket->state == BP_STATE_CONNECTING ||
      (socket->state == BP_STATE_RETRYING && bp_now_ns() >= socket->not_before)) {
    bp_state_connecting(socket, socket->ops->connect(socket));
  }
}

int bp_socket_refusal(struct bp_socket *socket) {
  if (socket->state != BP_STATE_CONNECTED) {
    bp_socket_determine(socket);
  }
  switch (socket->state) {
  case BP_STATE_CONNECTED:
    return 0;
  case BP_STATE_FAILED:
    return socket->connect_error;
  case BP_STATE_LISTENING:
    return -ENOTCONN;
  case BP_STATE_CONNECTING:
  case BP_STATE_RETRYING:
    break;
  }
  return 1;
}

int bp_socket_error(struct bp_socket *socket) {
  bp_socket_determine(socket);
  return socket->connect_error;
}
