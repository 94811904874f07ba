/*
 * Memory runs out only for the thread that says so, as others allocate at any moment. dlsym itself
 * may need these functions: the real ones go by names of the GNU C library.
 */
#include "faults.h"

#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

#define FAULT_HERE(call) bp_fault_of_armer(call, __builtin_return_address(0))

WRAPPER void *malloc(size_t size) {
  return FAULT_HERE(MALLOC) ? NULL : __libc_malloc(size);
}

WRAPPER void *calloc(size_t count, size_t size) {
  return FAULT_HERE(CALLOC) ? NULL : __libc_calloc(count, size);
}

WRAPPER void *realloc(void *memory, size_t size) {
  return FAULT_HERE(REALLOC) ? NULL : __libc_realloc(memory, size);
}
