// What belongs to one environment (the main thread, or one worker): its sockets, pollers, pumps and
// loops, which JavaScript names by tokens. Whatever is still open when the environment ends is
// closed then.
#pragma once

#include "engine.h"
#include "signals.h"
#include "slots.h"

#include <napi.h>

namespace bipoll {

class Environment {
public:
  explicit Environment(napi_env env) : signals(env), env_(env) {
  }
  Environment(const Environment &) = delete;
  Environment &operator=(const Environment &) = delete;
  ~Environment();

  // Of a poller or pump that is about to be closed.
  void closeLoopsOf(const void *driven);

  // What ends a wait of this environment's thread. By signals: as far as signalFd tells of them.
  bp_interrupt interrupt(bool bySignals, int signalFd);

  // A worker can be ended by another thread, whatever it is doing; the main thread cannot.
  bool isWorker = false;
  Signals signals;

  bp_slots sockets{};
  bp_slots pollers{};
  bp_slots pumps{};
  bp_slots loops{};

private:
  static bool isOver(void *environment);

  napi_env env_;
};

} // namespace bipoll
