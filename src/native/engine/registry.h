/*
 * The pollers of this process by number, for bp_wake(). The one piece of state that no environment
 * owns: a waker is plain data that was posted to another thread, and its poller may be gone by
 * then.
 */
#ifndef BIPOLL_REGISTRY_H
#define BIPOLL_REGISTRY_H

#include "backend.h"

struct bp_registry_entry { /* part of a poller */
  uint64_t number;
  const struct bp_backend_ops *ops;
  struct bp_backend *backend;
  struct bp_registry_entry *next;
};

void bp_registry_add(struct bp_registry_entry *entry);
/* When it returns no other thread uses the entry, nor ever will. */
void bp_registry_remove(struct bp_registry_entry *entry);

#endif
