#include "clock.h"

#include <time.h>

int64_t bp_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 * BP_NS_PER_MS + now.tv_nsec;
}
