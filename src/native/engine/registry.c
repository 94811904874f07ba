#include "registry.h"

#include "thread.h"

static bp_mutex mutex = BP_MUTEX_INITIALIZER;
static struct bp_registry_entry *first; /* guarded by mutex, as is the next line */
static uint64_t last_number;

void bp_registry_add(struct bp_registry_entry *entry) {
  bp_mutex_lock(&mutex);
  entry->number = ++last_number;
  entry->next = first;
  first = entry;
  bp_mutex_unlock(&mutex);
}

void bp_registry_remove(struct bp_registry_entry *entry) {
  bp_mutex_lock(&mutex);
  for (struct bp_registry_entry **link = &first; *link; link = &(*link)->next) {
    if (*link == entry) {
      *link = entry->next;
      break;
    }
  }
  bp_mutex_unlock(&mutex);
}

bool bp_wake(uint64_t waker) {
  bool found = false;
  bp_mutex_lock(&mutex);
  for (struct bp_registry_entry *entry = first; entry && !found; entry = entry->next) {
    if (entry->number == waker) {
      entry->ops->wake(entry->backend);
      found = true;
    }
  }
  bp_mutex_unlock(&mutex);
  return found;
}
