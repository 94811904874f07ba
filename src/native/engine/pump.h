/*
 * Draining a poller: what its sockets are ready for is done at once, and comes as one batch:
 * records of what happened, and the bytes that came in one piece of memory. So an event loop makes
 * one call for all.
 */
#ifndef BIPOLL_PUMP_H
#define BIPOLL_PUMP_H

#include "poller.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is wanted of a socket. What nobody wants is not watched for: so the kernel holds the peer
 * back. */
enum bp_demand {
  BP_WANT_CONNECTIONS = 1 << 0, /* a server's */
  BP_WANT_OUTCOME = 1 << 1,     /* of connecting, once */
  BP_WANT_BYTES = 1 << 2,       /* until the end or a failure */
  BP_WANT_ROOM = 1 << 3,        /* to write, once; a write that fails counts */
  BP_WANT_PEER_END = 1 << 4,    /* without reading what comes before it, once */
};

/* Sets what is wanted of a socket; 0 takes it out. tag comes back in its records. */
int bp_pump_want(struct bp_poller *poller, struct bp_socket *socket, unsigned demand, uint64_t tag);

enum bp_record_kind {
  BP_RECORD_CONNECTION, /* socket: accepted, the receiver's to close */
  BP_RECORD_REFUSAL,    /* value: why accepting failed; it is tried again after a rest */
  BP_RECORD_OUTCOME,    /* value: 0, or why connecting failed */
  BP_RECORD_BYTES,      /* value: how many, from offset in the batch's bytes */
  BP_RECORD_END,        /* value: 0, or why reading failed; after all bytes */
  BP_RECORD_ROOM,
  BP_RECORD_PEER_END, /* bytes may be unread */
};

struct bp_record {
  uint64_t tag;
  enum bp_record_kind kind;
  int64_t value;
  size_t offset;
  struct bp_socket *socket;
};

struct bp_batch {
  struct bp_record *records;
  size_t record_capacity;
  uint8_t *bytes;
  size_t byte_capacity;
};

/* How much is done for one socket in one batch, so that none starves the others. */
#define BP_BYTES_PER_TURN 65536
#define BP_CONNECTIONS_PER_TURN 64

/* Does not wait. Returns the number of records, or a negated errno. */
int bp_pump_drain(struct bp_poller *poller, const struct bp_batch *batch);

#ifdef __cplusplus
}
#endif

#endif
