/*
 * What a pump must supply: the seam between an event loop and the engine.
 *
 * A pump owns what it waits with. It reads, accepts and writes for all its sockets, and tells what
 * happened in batches: records, and the bytes that came in one piece of memory. So an event loop
 * makes one call for all.
 *
 * Bytes in: only what is wanted is read, so the kernel holds back the peer of a socket that nobody
 * reads. Bytes out: they go through an outbox for each socket, and the outboxes of a whole batch
 * are handed to the system back to back. Records tell the sender how far its bytes have come.
 */
#ifndef BIPOLL_PUMP_H
#define BIPOLL_PUMP_H

#include "engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is wanted of a socket. */
enum bp_demand {
  BP_WANT_CONNECTIONS = 1 << 0, /* a server's */
  BP_WANT_OUTCOME = 1 << 1,     /* of connecting, once */
  BP_WANT_BYTES = 1 << 2,       /* until the end or a failure */
  BP_WANT_PEER_END = 1 << 3,    /* without reading what comes before it, once */
  BP_WANT_ANSWERS = 1 << 4,     /* somebody reads, though perhaps not now: see end */
  BP_WANT_DESCRIPTORS = 1 << 5, /* with BYTES, of a local stream: those attached to the bytes */
};

enum bp_record_kind {
  BP_RECORD_CONNECTION,  /* socket: accepted, the receiver's to close */
  BP_RECORD_REFUSAL,     /* value: why accepting failed; it is tried again after a rest */
  BP_RECORD_OUTCOME,     /* value: 0, or why connecting failed */
  BP_RECORD_BYTES,       /* value: how many, from offset in the batch's bytes */
  BP_RECORD_END,         /* value: 0, or why reading failed; after all bytes */
  BP_RECORD_PEER_END,    /* bytes are unread; END follows them */
  BP_RECORD_SENT,        /* value: how many bytes the system has taken for good */
  BP_RECORD_SEND_FAILED, /* value: why; all that was queued is gone */
  BP_RECORD_ENDED,       /* value: 0, or why our sending side could not be ended; after SENT */
  BP_RECORD_DESCRIPTOR,  /* value: a descriptor, the receiver's to close; before the BYTES that it
                            came with */
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
  /* At least BP_RECORDS_PER_SOCKET; of a drain, and BP_MAX_DESCRIPTORS. */
  size_t record_capacity;
  uint8_t *bytes;
  size_t byte_capacity;
};

/* The most that one socket adds to one batch, beside BP_MAX_DESCRIPTORS. */
#define BP_RECORDS_PER_SOCKET 8

/* How much is read for one socket in one batch, so that none starves the others. */
#define BP_BYTES_PER_TURN 65536
#define BP_CONNECTIONS_PER_TURN 64

struct bp_pump_ops;

struct bp_pump { /* the first member of each implementation */
  const struct bp_pump_ops *ops;
};

struct bp_pump_ops {
  const char *name; /* NULL: of the backend that it waits with */
  /* backend as for bp_poller_open. */
  int (*open)(const char *backend, struct bp_pump **out);
  /* The sockets stay open. What was not sent yet is lost. */
  void (*close)(struct bp_pump *pump);

  /* The name of what it waits with. */
  const char *(*backend)(const struct bp_pump *pump);

  /*
   * Sets what is wanted of a socket, a set of enum bp_demand. tag comes back in its records. Takes
   * effect at once: from then on nothing more is taken from the socket than what records have told
   * already. On an error nothing has changed.
   */
  int (*want)(struct bp_pump *pump, struct bp_socket *socket, unsigned demand, uint64_t tag);

  /*
   * Copies bytes to the end of the socket's outbox, to be sent by the next flush; SENT or
   * SEND_FAILED follows. -ENOMEM: nothing was copied.
   */
  int (*send)(struct bp_pump *pump, struct bp_socket *socket, const void *bytes, size_t length,
              uint64_t tag);

  /*
   * As send, but hands the bytes to the system without a copy where nothing waits before them: for
   * large ones. Returns how many bytes the system has taken, of which no record follows; of the
   * rest one does. Or a negated errno: it failed, and no record follows.
   */
  int64_t (*send_at_once)(struct bp_pump *pump, struct bp_socket *socket, const void *bytes,
                          size_t length, uint64_t tag);

  /*
   * As send_at_once, of a local stream, with descriptors attached to the first byte. They stay the
   * caller's: duplicates wait in the outbox, which closes them when they are sent or lost.
   */
  int64_t (*send_descriptors)(struct bp_pump *pump, struct bp_socket *socket, const void *bytes,
                              size_t length, const int *fds, size_t count, uint64_t tag);

  /*
   * Ends the sending side behind what is in the outbox; ENDED follows. Nothing may be sent after
   * it.
   *
   * A local stream on Windows, a pipe, has no half-close: its peer hears of our end only when the
   * socket is closed, and closing discards what the peer still has to say. So there END follows
   * ENDED when nothing has come for answer_timeout_ms. While bytes are unread that BP_WANT_ANSWERS
   * says somebody will read, the time does not run.
   */
  int (*end)(struct bp_pump *pump, struct bp_socket *socket, double answer_timeout_ms,
             uint64_t tag);

  /* How many bytes of a socket wait in its outbox or are in flight. */
  size_t (*queued_bytes)(const struct bp_pump *pump, const struct bp_socket *socket);

  /*
   * Hands over what the system takes of a socket that is about to be closed. No record follows.
   * Returns how many bytes are left, which the close loses.
   */
  size_t (*leave)(struct bp_pump *pump, struct bp_socket *socket);

  /*
   * Hands what is in the outboxes to the system. Returns the number of records; if they filled the
   * batch, call again for the rest.
   */
  int (*flush)(struct bp_pump *pump, const struct bp_batch *batch);

  /* Flushes, then does what is wanted of the sockets that are ready. Does not wait. Returns the
   * number of records, or a negated errno. */
  int (*drain)(struct bp_pump *pump, const struct bp_batch *batch);

  /* A descriptor that is readable while there is something to drain; -1: there is none, so park. */
  int (*descriptor)(const struct bp_pump *pump);
  /* Blocks until there is something to drain, or wake is called. From a thread of its own. */
  void (*park)(struct bp_pump *pump);
  /* Ends park, or the next one. From any thread. */
  void (*wake)(struct bp_pump *pump);
  /* Milliseconds until the pump must be drained even if nothing becomes ready; -1: never. */
  int (*next_look_ms)(struct bp_pump *pump);
};

extern const struct bp_pump_ops bp_pump_by_readiness;
extern const struct bp_pump_ops bp_pump_by_uring; /* Linux */

/* Opens the pump of this name, or the one over readiness with this backend; NULL: the best one. */
int bp_pump_open(const char *backend, struct bp_pump **out);

#ifdef __cplusplus
}
#endif

#endif
