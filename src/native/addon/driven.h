// What an event loop drains: a pump, or a poller of which JavaScript asks the events.
#pragma once

#include "poller.h"
#include "pump.h"

namespace bipoll {

class Driven {
public:
  explicit Driven(bp_pump *pump) : pump_(pump) {
  }
  explicit Driven(bp_poller *poller) : poller_(poller) {
  }

  bool is(const void *other) const {
    return other == pump_ || other == poller_;
  }
  // Readable while there is something to drain; -1: there is none, so park.
  int descriptor() const {
    return pump_ ? pump_->ops->descriptor(pump_) : bp_poller_descriptor(poller_);
  }
  // Blocks until there is something to drain, or wake is called.
  void park() const {
    pump_ ? pump_->ops->park(pump_) : bp_poller_park(poller_);
  }
  void wake() const {
    pump_ ? pump_->ops->wake(pump_) : static_cast<void>(bp_wake(bp_poller_waker(poller_)));
  }

private:
  bp_pump *pump_ = nullptr;
  bp_poller *poller_ = nullptr;
};

} // namespace bipoll
