// What belongs to one environment (the main thread, or one worker): its sockets, pollers and loops,
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

  void closeLoopsOf(bp_poller *poller);

  bp_slots sockets{};
  bp_slots pollers{};
  bp_slots loops{};
};

} // namespace bipoll
