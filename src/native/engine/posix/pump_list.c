#include "pump_list.h"

#include "uring_abi.h"

const struct bp_pump_ops *const bp_pump_list[] = {
#ifdef BP_HAS_URING
    &bp_pump_by_uring,
#endif
    NULL,
};
