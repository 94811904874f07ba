// What belongs to one environment (the main thread, or one worker): its sockets and its pollers,
// which JavaScript names by tokens. Whatever is still open when the environment ends is closed
// then.
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

  bp_slots sockets{};
  bp_slots pollers{};
};

} // namespace bipoll
