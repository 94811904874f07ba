#include "random.h"

static uint64_t state = 1;

void random_begin(uint64_t seed) {
  state = seed * 0x9E3779B97F4A7C15u | 1u; /* never 0, which would stay */
}

unsigned random_below(size_t limit) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (unsigned)((state * 0x2545F4914F6CDD1Du >> 32) % limit);
}
