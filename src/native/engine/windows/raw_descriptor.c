/* Windows has no such descriptors: see bp_adopt in absent.c. The table says what they can have. */
#include "raw_descriptor.h"

#include "kind.h"

const struct bp_kind_ops bp_raw_descriptor = {
    .kind = BP_KIND_DESCRIPTOR,
    .events = BP_RAW_DESCRIPTOR_EVENTS,
};
