#include "probe.h"

#include "deadline.h"
#include "kind.h"

#include <errno.h>

struct bp_waitable *bp_socket_waitable(const struct bp_socket *socket) {
  return socket->ops->waitable ? socket->ops->waitable(socket) : NULL;
}

struct bp_awaited bp_socket_awaited(const struct bp_socket *socket, unsigned interest) {
  const bool is_there = interest && socket->state != BP_STATE_RETRYING;
  return (struct bp_awaited){
      .fd = is_there ? socket->fd : -1,
      .waitable = is_there ? bp_socket_waitable(socket) : NULL,
      .interest = interest,
  };
}

unsigned bp_socket_probe(const struct bp_socket *socket, unsigned interest) {
  struct bp_awaited entry = bp_socket_awaited(socket, interest);
  while (bp_await(&entry, 1, BP_AT_ONCE) == -EINTR) {
  }
  return entry.readiness;
}
