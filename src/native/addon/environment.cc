#include "environment.h"

#include "loop_driver.h"
#include "pump.h"

namespace bipoll {

void Environment::closeLoopsOf(const void *driven) {
  uint32_t position = 0;
  while (auto *driver = static_cast<LoopDriver *>(bp_slots_next(&loops, &position))) {
    if (driver->driven.is(driven)) {
      bp_slots_remove(&loops, driver->token);
      delete driver;
    }
  }
}

Environment::~Environment() {
  uint32_t position = 0;
  while (void *loop = bp_slots_next(&loops, &position)) {
    delete static_cast<LoopDriver *>(loop);
  }
  position = 0;
  while (void *found = bp_slots_next(&pumps, &position)) {
    auto *pump = static_cast<bp_pump *>(found);
    pump->ops->close(pump);
  }
  position = 0;
  while (void *poller = bp_slots_next(&pollers, &position)) {
    bp_poller_close(static_cast<bp_poller *>(poller));
  }
  position = 0;
  while (void *socket = bp_slots_next(&sockets, &position)) {
    bp_socket_close(static_cast<bp_socket *>(socket));
  }
  bp_slots_free(&loops);
  bp_slots_free(&pumps);
  bp_slots_free(&pollers);
  bp_slots_free(&sockets);
}

} // namespace bipoll
