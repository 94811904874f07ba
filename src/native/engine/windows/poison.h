/*
 * Freeing what the kernel wrote to. In test builds it is overwritten first: a packet that comes too
 * late then calls an impossible address, and a test that compares bytes sees them spoilt, where the
 * freed memory would have looked alive a while longer.
 */
#ifndef BIPOLL_POISON_H
#define BIPOLL_POISON_H

#include <stddef.h>

#define BP_POISON 0xDD

void bp_free_poisoned(void *memory, size_t size);

#ifndef NDEBUG
/* If a test sets it, it is called instead of free, so that the test can see whether the kernel
 * still writes there. */
extern void (*bp_keep_poisoned)(void *memory, size_t size);
#endif

#endif
