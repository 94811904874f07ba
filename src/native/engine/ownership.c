#include "ownership.h"

#include "thread.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BITS 64
/* Numbers beyond are not remembered; no system gives out so large ones before a million others. */
#define MAX_WORDS ((size_t)1 << 14)

static bp_mutex mutex = BP_MUTEX_INITIALIZER;
static uint64_t *owned; /* a bit for each descriptor; guarded by mutex, as is the next line */
static size_t words;

static uint64_t bit_of(int fd) {
  return UINT64_C(1) << ((size_t)fd % BITS);
}

/* The word that has the bit of the descriptor; NULL: it is too large, or there is no memory. */
static uint64_t *word_of(int fd) {
  const size_t index = (size_t)fd / BITS;
  if (fd < 0 || index >= MAX_WORDS) {
    return NULL;
  }
  if (index >= words) {
    const size_t wanted = 2 * (index + 1);
    uint64_t *larger = realloc(owned, wanted * sizeof *owned);
    if (!larger) {
      return NULL;
    }
    memset(larger + words, 0, (wanted - words) * sizeof *owned);
    owned = larger;
    words = wanted;
  }
  return &owned[index];
}

bool bp_ownership_claim(int fd) {
  bp_mutex_lock(&mutex);
  uint64_t *word = word_of(fd);
  const bool is_free = !word || !(*word & bit_of(fd));
  if (word) {
    *word |= bit_of(fd);
  }
  bp_mutex_unlock(&mutex);
  return is_free;
}

void bp_ownership_note(int fd) {
  (void)bp_ownership_claim(fd);
}

void bp_ownership_end(int fd) {
  bp_mutex_lock(&mutex);
  uint64_t *word = word_of(fd);
  if (word) {
    *word &= ~bit_of(fd);
  }
  bp_mutex_unlock(&mutex);
}
