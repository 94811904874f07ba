/* Where the two ends of a socket are. */
#include "address.h"
#include "kind.h"

#include <errno.h>

int bp_socket_local_address(const struct bp_socket *socket, struct bp_address *out) {
  union bp_ip_address address;
  const int error = bp_ip_address_local(socket->fd, &address);
  if (!error) {
    bp_ip_address_format(&address, out);
  }
  return error;
}

int bp_socket_remote_address(const struct bp_socket *socket, struct bp_address *out) {
  return socket->ops->remote_address ? socket->ops->remote_address(socket, out) : -ENOTCONN;
}
