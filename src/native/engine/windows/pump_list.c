#include "pump_list.h"

const struct bp_pump_ops *const bp_pump_list[] = {NULL};
