// What belongs to one environment (the main thread, or one worker): its sockets, pollers, pumps and
// loops, which JavaScript names by tokens. Whatever is still open when the environment ends is
// closed then.
#pragma once

#include "engine.h"
#include "slots.h"

namespace bipoll {

class Environment {
public:
  Environment() = default;
  Environment(const Environment &) = delete;
  Environment &operator=(const Environment &) = delete;
  ~Environment();

  // Of a poller or pump that is about to be closed.
  void closeLoopsOf(const void *driven);

  bp_slots sockets{};
  bp_slots pollers{};
  bp_slots pumps{};
  bp_slots loops{};
};

} // namespace bipoll
