#include "pump_list.h"

#include <string.h>

int bp_pump_open(const char *backend, struct bp_pump **out) {
  const struct bp_pump_ops *const *each = bp_pump_list;
  while (*each && (!backend || strcmp((*each)->name, backend) != 0)) {
    each++;
  }
  return (*each ? *each : &bp_pump_by_readiness)->open(backend, out);
}
