/* Numbers that look random, and are the same for the same seed: xorshift64*. */
#ifndef BIPOLL_RANDOM_H
#define BIPOLL_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_begin(uint64_t seed);
/* From 0 up to, not including, the limit. */
unsigned random_below(size_t limit);

#endif
