/*
 * A table of things that are named by tokens. A token is a slot's index with its generation, which
 * changes each time the slot is freed: so a token of something gone never names its successor.
 * Tokens are below 2^53, so that JavaScript numbers hold them.
 */
#ifndef BIPOLL_SLOTS_H
#define BIPOLL_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t bp_token; /* never 0 */

struct bp_slot;

struct bp_slots { /* zero-initialised is empty */
  struct bp_slot *slots;
  uint32_t capacity, used, first_free;
};

/* -ENOMEM or, beyond four million, -ENFILE. */
int bp_slots_add(struct bp_slots *table, void *item, bp_token *token);
/* NULL for a token of something that was removed, or that never was. */
void *bp_slots_get(const struct bp_slots *table, bp_token token);
void bp_slots_remove(struct bp_slots *table, bp_token token);

/* Goes through all items: start with position 0; NULL at the end. */
void *bp_slots_next(const struct bp_slots *table, uint32_t *position);
void bp_slots_free(struct bp_slots *table);

#ifdef __cplusplus
}
#endif

#endif
