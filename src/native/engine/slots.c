#include "slots.h"

#include <errno.h>
#include <stdlib.h>

#define INDEX_BITS 22
#define INDEX_MASK ((UINT32_C(1) << INDEX_BITS) - 1)
#define MAX_SLOTS INDEX_MASK
#define MAX_GENERATION ((UINT32_C(1) << 30) - 1)
#define NONE UINT32_MAX

struct bp_slot {
  void *item; /* NULL: free */
  uint32_t generation;
  uint32_t next_free; /* index + 1; 0: none */
};

static bp_token token_of(const struct bp_slots *table, uint32_t index) {
  return (bp_token)table->slots[index].generation << INDEX_BITS | index;
}

static uint32_t find(const struct bp_slots *table, bp_token token) {
  const uint32_t index = (uint32_t)token & INDEX_MASK;
  if (index >= table->used || token != token_of(table, index) || !table->slots[index].item) {
    return NONE;
  }
  return index;
}

static int grow(struct bp_slots *table) {
  if (table->capacity == MAX_SLOTS) {
    return -ENFILE;
  }
  uint32_t capacity = table->capacity ? table->capacity * 2 : 16;
  if (capacity > MAX_SLOTS) {
    capacity = MAX_SLOTS;
  }
  struct bp_slot *slots = realloc(table->slots, capacity * sizeof *slots);
  if (!slots) {
    return -ENOMEM;
  }
  table->slots = slots;
  table->capacity = capacity;
  return 0;
}

int bp_slots_add(struct bp_slots *table, void *item, bp_token *token) {
  uint32_t index = 0;
  if (table->first_free) {
    index = table->first_free - 1;
    table->first_free = table->slots[index].next_free;
  } else {
    if (table->used == table->capacity) {
      const int error = grow(table);
      if (error) {
        return error;
      }
    }
    index = table->used++;
    table->slots[index].generation = 1;
  }
  table->slots[index].item = item;
  *token = token_of(table, index);
  return 0;
}

void *bp_slots_get(const struct bp_slots *table, bp_token token) {
  const uint32_t index = find(table, token);
  return index == NONE ? NULL : table->slots[index].item;
}

void bp_slots_remove(struct bp_slots *table, bp_token token) {
  const uint32_t index = find(table, token);
  if (index == NONE) {
    return;
  }
  struct bp_slot *slot = &table->slots[index];
  slot->item = NULL;
  /* A slot whose generations are used up is never taken again: its tokens could come back. */
  if (slot->generation < MAX_GENERATION) {
    slot->generation++;
    slot->next_free = table->first_free;
    table->first_free = index + 1;
  }
}

void *bp_slots_next(const struct bp_slots *table, uint32_t *position) {
  while (*position < table->used) {
    void *item = table->slots[(*position)++].item;
    if (item) {
      return item;
    }
  }
  return NULL;
}

void bp_slots_free(struct bp_slots *table) {
  free(table->slots);
  *table = (struct bp_slots){0};
}
