#include "environment.h"

namespace bipoll {

Environment::~Environment() {
  uint32_t position = 0;
  while (void *poller = bp_slots_next(&pollers, &position)) {
    bp_poller_close(static_cast<bp_poller *>(poller));
  }
  position = 0;
  while (void *socket = bp_slots_next(&sockets, &position)) {
    bp_socket_close(static_cast<bp_socket *>(socket));
  }
  bp_slots_free(&pollers);
  bp_slots_free(&sockets);
}

} // namespace bipoll
