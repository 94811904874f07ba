#include "deadline.h"

#include <limits.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_DAY (INT64_C(86400) * NS_PER_S)

bp_deadline_ns bp_deadline_after(double milliseconds) {
  if (!(milliseconds > 0)) {
    return BP_AT_ONCE;
  }
  /* 2^62 ns are 146 years: beyond that a deadline is none. */
  const double ns = milliseconds * (double)BP_NS_PER_MS;
  if (ns >= (double)(INT64_C(1) << 62)) {
    return BP_FOREVER;
  }
  return bp_now_ns() + (int64_t)ns + 1;
}

int bp_deadline_left_ms(bp_deadline_ns deadline) {
  if (deadline == BP_FOREVER) {
    return -1;
  }
  if (deadline == BP_AT_ONCE) {
    return 0; /* spares a look at the clock */
  }
  const int64_t left_ns = deadline - bp_now_ns();
  if (left_ns <= 0) {
    return 0;
  }
  const int64_t left_ms = (left_ns + BP_NS_PER_MS - 1) / BP_NS_PER_MS;
  return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

struct timespec *bp_deadline_left(bp_deadline_ns deadline, struct timespec *out) {
  if (deadline == BP_FOREVER) {
    return NULL;
  }
  int64_t left_ns = deadline == BP_AT_ONCE ? 0 : deadline - bp_now_ns();
  left_ns = left_ns < 0 ? 0 : left_ns > NS_PER_DAY ? NS_PER_DAY : left_ns;
  *out = (struct timespec){.tv_sec = left_ns / NS_PER_S, .tv_nsec = (long)(left_ns % NS_PER_S)};
  return out;
}

bool bp_deadline_passed(bp_deadline_ns deadline) {
  return deadline == BP_AT_ONCE || (deadline != BP_FOREVER && bp_now_ns() >= deadline);
}
