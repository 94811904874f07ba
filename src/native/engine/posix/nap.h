/* A short sleep, for a call that would otherwise be repeated at once, and fail again. */
#ifndef BIPOLL_NAP_H
#define BIPOLL_NAP_H

#include "clock.h"

#include <time.h>

static inline void bp_nap(int milliseconds) {
  const struct timespec length = {.tv_nsec = (long)(milliseconds * BP_NS_PER_MS)};
  (void)nanosleep(&length, NULL);
}

#endif
