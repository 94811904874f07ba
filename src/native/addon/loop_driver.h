// A loop driver calls JavaScript in Node's event loop whenever there is something to drain. Two
// ways to know when, one interface: by a handle of libuv's, or by a thread that waits.
#pragma once

#include "driven.h"
#include "slots.h"

#include <napi.h>

namespace bipoll {

class LoopDriver {
public:
  explicit LoopDriver(Driven source) : driven(source) {
  }
  LoopDriver(const LoopDriver &) = delete;
  LoopDriver &operator=(const LoopDriver &) = delete;
  // Never called from within onReady. Afterwards it calls no more, and what it drives may be
  // closed.
  virtual ~LoopDriver() = default;

  // Whether it keeps the event loop alive.
  virtual void setReferenced(bool isReferenced) = 0;

  const Driven driven;
  bp_token token = 0;
};

// Each returns 0 or a negated errno; -ENOTSUP: it cannot work here, without libuv's functions or a
// descriptor to watch.
int openUvDriver(Napi::Env env, Driven driven, Napi::Function onReady, LoopDriver **out);
int openWaiterDriver(Napi::Env env, Driven driven, Napi::Function onReady, LoopDriver **out);

} // namespace bipoll
