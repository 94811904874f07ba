/* The clock that deadlines go by. Nobody sets it, so it never jumps. */
#ifndef BIPOLL_CLOCK_H
#define BIPOLL_CLOCK_H

#include <stdint.h>

#define BP_NS_PER_MS INT64_C(1000000)

/* Nanoseconds since some moment before the process began. */
int64_t bp_now_ns(void);

#endif
