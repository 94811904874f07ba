#include "pump.h"

#include <errno.h>

/* Whole chunks make the most of a system call. */
#define MIN_ROOM 4096

int bp_pump_want(struct bp_poller *poller, struct bp_socket *socket, unsigned demand,
                 uint64_t tag) {
  if (!demand) {
    const int error = bp_poller_unmonitor(poller, socket);
    return error == -ENOENT ? 0 : error;
  }
  return bp_poller_watch(poller, socket,
                         (demand & BP_WANT_CONNECTIONS ? BP_CONNECTION_AVAILABLE : 0U) |
                             (demand & BP_WANT_OUTCOME ? BP_DETERMINED : 0U) |
                             (demand & BP_WANT_BYTES ? BP_READABLE : 0U) |
                             (demand & BP_WANT_ROOM ? BP_WRITABLE : 0U) |
                             (demand & BP_WANT_PEER_END ? BP_REMOTE_DISCONNECTED : 0U),
                         tag);
}

struct progress {
  const struct bp_batch *batch;
  size_t records, bytes;
};

static bool has_room(const struct progress *progress, size_t records) {
  return progress->records + records <= progress->batch->record_capacity;
}

static struct bp_record *add(struct progress *progress, uint64_t tag, enum bp_record_kind kind,
                             int64_t value) {
  struct bp_record *record = &progress->batch->records[progress->records++];
  *record = (struct bp_record){.tag = tag, .kind = kind, .value = value};
  return record;
}

static void accept_some(struct progress *progress, struct bp_socket *server, uint64_t tag) {
  for (int i = 0; i < BP_CONNECTIONS_PER_TURN && has_room(progress, 1); i++) {
    struct bp_socket *socket = NULL;
    const int error = bp_socket_accept(server, &socket);
    if (error == -EAGAIN) {
      return;
    }
    if (error) {
      add(progress, tag, BP_RECORD_REFUSAL, error);
      return;
    }
    add(progress, tag, BP_RECORD_CONNECTION, 0)->socket = socket;
  }
}

/* Returns whether reading is over. */
static bool read_some(struct progress *progress, struct bp_socket *socket, uint64_t tag) {
  size_t left = BP_BYTES_PER_TURN;
  const size_t offset = progress->bytes;
  int64_t got = 0;
  while (left > 0) {
    const size_t room = progress->batch->byte_capacity - progress->bytes;
    if (room < MIN_ROOM) {
      break;
    }
    const size_t length = room < left ? room : left;
    got = bp_socket_read(socket, progress->batch->bytes + progress->bytes, length, false);
    if (got <= 0) {
      break;
    }
    progress->bytes += (size_t)got;
    left -= (size_t)got;
    if ((size_t)got < length) {
      got = 0; /* that was all for now; the end, if it has come, is another turn's */
      break;
    }
  }
  if (progress->bytes > offset) {
    add(progress, tag, BP_RECORD_BYTES, (int64_t)(progress->bytes - offset))->offset = offset;
  }
  if (got < 0) {
    add(progress, tag, BP_RECORD_END, got == BP_END ? 0 : got);
  }
  return got < 0;
}

static void drain_socket(struct progress *progress, struct bp_poller *poller,
                         const struct bp_occurrence *active) {
  unsigned done = 0;
  if (active->events & BP_CONNECTION_AVAILABLE) {
    accept_some(progress, active->socket, active->tag);
  }
  if (active->events & BP_DETERMINED) {
    add(progress, active->tag, BP_RECORD_OUTCOME, bp_socket_error(active->socket));
    done |= BP_DETERMINED;
  }
  if (active->events & BP_WRITABLE) {
    add(progress, active->tag, BP_RECORD_ROOM, 0);
    done |= BP_WRITABLE;
  }
  if (active->events & BP_READABLE && read_some(progress, active->socket, active->tag)) {
    done |= BP_READABLE;
  }
  if (active->events & BP_REMOTE_DISCONNECTED) {
    add(progress, active->tag, BP_RECORD_PEER_END, 0);
    done |= BP_REMOTE_DISCONNECTED;
  }
  if (done) {
    bp_poller_drop(poller, active->socket, done);
  }
}

#define MAX_RECORDS_PER_SOCKET 5

int bp_pump_drain(struct bp_poller *poller, const struct bp_batch *batch) {
  struct bp_occurrence active[BP_POLLER_BATCH];
  struct progress progress = {.batch = batch};
  const int count = bp_poller_wait(poller, BP_AT_ONCE, active, BP_POLLER_BATCH);
  /* What does not fit now is still ready at the next turn. */
  for (int i = 0; i < count && has_room(&progress, MAX_RECORDS_PER_SOCKET); i++) {
    drain_socket(&progress, poller, &active[i]);
  }
  return count < 0 ? count : (int)progress.records;
}
