#include "kind.h"

static const struct bp_kind_ops *const kinds[] = {
    [BP_TCP_SERVER] = &bp_tcp_server,     [BP_LOCAL_SERVER] = &bp_local_server,
    [BP_TCP_STREAM] = &bp_tcp_stream,     [BP_LOCAL_STREAM] = &bp_local_stream,
    [BP_DESCRIPTOR] = &bp_raw_descriptor,
};

const struct bp_kind_ops *bp_kind_find(enum bp_kind kind) {
  return kinds[kind];
}

unsigned bp_events_of(enum bp_kind kind) {
  return kinds[kind]->events;
}
