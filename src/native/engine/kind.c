#include "kind.h"

static const struct bp_kind_ops *const kinds[] = {
    [BP_KIND_TCP_SERVER] = &bp_tcp_server,
    [BP_KIND_LOCAL_SERVER] = &bp_local_server,
    [BP_KIND_TCP_STREAM] = &bp_tcp_stream,
    [BP_KIND_LOCAL_STREAM] = &bp_local_stream,
    [BP_KIND_DESCRIPTOR] = &bp_raw_descriptor,
    [BP_KIND_UDP] = &bp_udp,
    [BP_KIND_LOCAL_DATAGRAM] = &bp_local_datagram,
    [BP_KIND_LOCAL_PACKET_SERVER] = &bp_local_packet_server,
    [BP_KIND_LOCAL_PACKET_STREAM] = &bp_local_packet_stream,
    [BP_KIND_TIMER] = &bp_timer,
    [BP_KIND_CHILD] = &bp_child,
    [BP_KIND_SIGNAL_SOURCE] = &bp_signal_source,
};

const struct bp_kind_ops *bp_kind_find(enum bp_kind kind) {
  return kinds[kind];
}

unsigned bp_events_of(enum bp_kind kind) {
  return kinds[kind]->events;
}
