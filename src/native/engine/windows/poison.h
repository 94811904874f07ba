/*
 * Freeing what the kernel wrote to. In test builds it is overwritten first: a packet that comes too
 * late then calls an impossible address, and a test that compares bytes sees them spoilt, where the
 * freed memory would have looked alive a while longer.
 */
#ifndef BIPOLL_POISON_H
#define BIPOLL_POISON_H

#include <stddef.h>
#include <stdlib.h>

#define BP_POISON 0xDD

static inline void bp_free_poisoned(void *memory, size_t size) {
#ifndef NDEBUG
  /* Volatile, or an optimiser leaves out what is written to memory that is about to be freed. */
  for (volatile unsigned char *byte = memory; byte && size > 0; byte++, size--) {
    *byte = BP_POISON;
  }
#else
  (void)size;
#endif
  free(memory);
}

#endif
