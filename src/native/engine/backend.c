#include "backend.h"

#include "backend_list.h"

#include <string.h>

const struct bp_backend_ops *bp_backend_find(const char *name) {
  const struct bp_backend_ops *const *each = bp_backend_list;
  while (name && *each && strcmp((*each)->name, name) != 0) {
    each++;
  }
  return *each;
}
