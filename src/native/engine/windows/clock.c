#include "clock.h"

#include <windows.h>

#define NS_PER_S (1000 * BP_NS_PER_MS)

int64_t bp_now_ns(void) {
  LARGE_INTEGER per_second;
  LARGE_INTEGER ticks;
  QueryPerformanceFrequency(&per_second);
  QueryPerformanceCounter(&ticks);
  /* Apart, since all of them times 10^9 would overflow. */
  const int64_t seconds = ticks.QuadPart / per_second.QuadPart;
  const int64_t rest = ticks.QuadPart % per_second.QuadPart;
  return seconds * NS_PER_S + rest * NS_PER_S / per_second.QuadPart;
}
