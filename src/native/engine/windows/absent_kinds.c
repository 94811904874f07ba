/* Kinds that Windows does not have. Their tables say what events they could have. */
#include "datagram.h"
#include "kind.h"
#include "server.h"
#include "stream.h"

#include <errno.h>

const struct bp_kind_ops bp_local_datagram = {
    .kind = BP_KIND_LOCAL_DATAGRAM,
    .events = BP_DATAGRAM_EVENTS,
};

const struct bp_kind_ops bp_local_packet_server = {
    .kind = BP_KIND_LOCAL_PACKET_SERVER,
    .events = BP_SERVER_EVENTS,
};

const struct bp_kind_ops bp_local_packet_stream = {
    .kind = BP_KIND_LOCAL_PACKET_STREAM,
    .events = BP_STREAM_EVENTS,
};

const struct bp_kind_ops bp_child = {
    .kind = BP_KIND_CHILD,
    .events = BP_EVENT_EXITED,
};

int bp_open_local_datagram(const struct bp_listen_local_options *own, const char *peer,
                           size_t peer_length, struct bp_socket **out) {
  (void)own;
  (void)peer;
  (void)peer_length;
  (void)out;
  return -ENOTSUP;
}

int bp_listen_local_packets(const struct bp_listen_local_options *options, struct bp_socket **out) {
  (void)options;
  (void)out;
  return -ENOTSUP;
}

int bp_connect_local_packets(const char *path, size_t path_length, struct bp_socket **out) {
  (void)path;
  (void)path_length;
  (void)out;
  return -ENOTSUP;
}

int bp_watch_child(int64_t pid, struct bp_socket **out) {
  (void)pid;
  (void)out;
  return -ENOTSUP;
}

int bp_child_exit(struct bp_socket *socket, struct bp_exit *out) {
  (void)socket;
  (void)out;
  return -EINVAL;
}
