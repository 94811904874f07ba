#include "poison.h"

#include <stdlib.h>
#include <string.h>

#ifdef NDEBUG

void bp_free_poisoned(void *memory, size_t size) {
  (void)size;
  free(memory);
}

#else

void (*bp_keep_poisoned)(void *memory, size_t size);

static void free_memory(void *memory, size_t size) {
  (void)size;
  free(memory);
}

void bp_free_poisoned(void *memory, size_t size) {
  /* By a pointer: an optimiser that sees free() leaves out what is written before it. */
  void (*const done)(void *, size_t) = bp_keep_poisoned ? bp_keep_poisoned : free_memory;
  if (memory) {
    memset(memory, BP_POISON, size);
    done(memory, size);
  }
}

#endif
