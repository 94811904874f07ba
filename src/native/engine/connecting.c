#include "connecting.h"

#include "clock.h"
#include "kind.h"
#include "state.h"

#include <errno.h>

void bp_socket_determine(struct bp_socket *socket) {
  if (socket->state == BP_CONNECTING ||
      (socket->state == BP_RETRYING && bp_now_ns() >= socket->not_before)) {
    bp_state_connecting(socket, socket->ops->connect(socket));
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

int bp_socket_error(struct bp_socket *socket) {
  bp_socket_determine(socket);
  return socket->connect_error;
}
