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

bp_interrupt Environment::interrupt(bool bySignals, int signalFd) {
  return {bySignals, signalFd, isWorker ? isOver : nullptr, this};
}

// Node tells a worker that it is to end in ways that reach JavaScript alone: no hook is called, and
// no descriptor of Node-API becomes ready, before its thread has gone back there. But Node-API
// refuses what could run JavaScript from then on.
bool Environment::isOver(void *environment) {
  const napi_env env = static_cast<Environment *>(environment)->env_;
  const Napi::HandleScope scope(env);
  napi_value value = nullptr;
  return napi_get_undefined(env, &value) != napi_ok ||
         napi_coerce_to_bool(env, value, &value) != napi_ok;
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
