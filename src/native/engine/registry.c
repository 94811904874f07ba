#include "registry.h"

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct bp_registry_entry *first; /* guarded by mutex, as is the next line */
static uint64_t last_number;

void bp_registry_add(struct bp_registry_entry *entry) {
  pthread_mutex_lock(&mutex);
  entry->number = ++last_number;
  entry->next = first;
  first = entry;
  pthread_mutex_unlock(&mutex);
}

void bp_registry_remove(struct bp_registry_entry *entry) {
  pthread_mutex_lock(&mutex);
  for (struct bp_registry_entry **link = &first; *link; link = &(*link)->next) {
    if (*link == entry) {
      *link = entry->next;
      break;
    }
  }
  pthread_mutex_unlock(&mutex);
}

bool bp_wake(uint64_t waker) {
  bool found = false;
  pthread_mutex_lock(&mutex);
  for (struct bp_registry_entry *entry = first; entry && !found; entry = entry->next) {
    if (entry->number == waker) {
      entry->ops->wake(entry->backend);
      found = true;
    }
  }
  pthread_mutex_unlock(&mutex);
  return found;
}
