#include "pump.h"

int bp_pump_open(const char *backend, struct bp_pump **out) {
  return bp_pump_by_readiness.open(backend, out);
}
