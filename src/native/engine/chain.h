/* A list through the members of a structure: what is linked into it leaves it at no cost. */
#ifndef BIPOLL_CHAIN_H
#define BIPOLL_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

struct bp_link { /* zero-initialised is in no chain */
  struct bp_link *previous, *next;
};

struct bp_chain {
  struct bp_link ends; /* its next is the first one */
};

/* The structure of which a link is that member. */
#define BP_LINKED(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void bp_chain_init(struct bp_chain *chain) {
  chain->ends.previous = chain->ends.next = &chain->ends;
}

static inline bool bp_chain_is_empty(const struct bp_chain *chain) {
  return chain->ends.next == &chain->ends;
}

static inline void bp_chain_remove(struct bp_link *link) {
  if (link->next) {
    link->previous->next = link->next;
    link->next->previous = link->previous;
    link->previous = link->next = NULL;
  }
}

/* At the end; one that is in it already stays where it is. */
static inline void bp_chain_add(struct bp_chain *chain, struct bp_link *link) {
  if (!link->next) {
    link->previous = chain->ends.previous;
    link->next = &chain->ends;
    link->previous->next = link;
    chain->ends.previous = link;
  }
}

/* Removes the first one; NULL: it is empty. */
static inline struct bp_link *bp_chain_take(struct bp_chain *chain) {
  struct bp_link *first = chain->ends.next;
  if (first == &chain->ends) {
    return NULL;
  }
  bp_chain_remove(first);
  return first;
}

#endif
