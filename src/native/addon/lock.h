#pragma once

#include "thread.h"

namespace bipoll {

class Mutex {
public:
  Mutex() {
    bp_mutex_init(&native);
  }
  Mutex(const Mutex &) = delete;
  Mutex &operator=(const Mutex &) = delete;
  ~Mutex() {
    bp_mutex_destroy(&native);
  }

  bp_mutex native;
};

// Holds the mutex as long as it lives.
class Lock {
public:
  explicit Lock(Mutex &mutex) : mutex_(mutex) {
    bp_mutex_lock(&mutex.native);
  }
  Lock(const Lock &) = delete;
  Lock &operator=(const Lock &) = delete;
  ~Lock() {
    bp_mutex_unlock(&mutex_.native);
  }

private:
  Mutex &mutex_;
};

} // namespace bipoll
