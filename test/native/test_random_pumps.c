/*
 * Random operations on connections of a pump, compared with what a model knows of them. It says its
 * seed. With BIPOLL_FUZZ_SEED the same operations come again, with BIPOLL_FUZZ_OPERATIONS more.
 */
#include "check.h"
#include "deadline.h"
#include "fixtures.h"
#include "fixtures_pump.h"
#include "random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAIRS 12
#define MOST_SENT 20000
#define MOST_QUEUED (1 << 18)
#define DEFAULT_OPERATIONS 20000
#define OPERATIONS_PER_SECOND 1000 /* at least, on however busy a machine */

/* One end of a connection. */
struct end {
  struct bp_socket *socket; /* NULL: it is closed */
  struct end *peer;
  uint64_t tag; /* a new one for each connection: records of an earlier one would be told by it */
  unsigned demand;
  size_t sent;      /* handed to the pump */
  size_t told_sent; /* taken by the system, as the pump says */
  size_t read;
  bool has_ended, was_told_ended; /* our sending side */
  bool is_over;                   /* END was told */
  bool peer_end_told;
  bool may_fail; /* the peer was closed: bytes may be lost, and calls fail */
};

static struct end ends[2 * PAIRS];
static uint64_t next_tag;
static uint64_t operations_left;

static uint64_t number_from(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  return text ? strtoull(text, NULL, 10) : otherwise;
}

static struct end *end_of(uint64_t tag) {
  for (size_t i = 0; i < 2 * PAIRS; i++) {
    if (ends[i].socket && ends[i].tag == tag) {
      return &ends[i];
    }
  }
  return NULL;
}

/* ---- What the pump tells ---- */

static void note_bytes(struct end *end, const uint8_t *came, size_t length) {
  static uint8_t expected[BP_BYTES_PER_TURN];
  CHECK_AT_MOST(length, sizeof expected);
  CHECK_AT_MOST(end->read + length, end->peer->sent);
  put_pattern(expected, end->read, length);
  CHECK_INT(memcmp(came, expected, length), 0);
  end->read += length;
}

static void note_end(struct end *end, int64_t error) {
  CHECK(!end->is_over);
  CHECK(end->may_fail || end->peer->has_ended);
  if (!end->may_fail) {
    CHECK_INT(error, 0);
    CHECK_INT(end->read, end->peer->sent);
  }
  end->is_over = true;
}

static void note(const struct bp_record *record) {
  struct end *end = end_of(record->tag);
  CHECK(end != NULL);
  switch (record->kind) {
  case BP_RECORD_BYTES:
    CHECK(end->demand & BP_WANT_BYTES);
    CHECK(!end->is_over);
    note_bytes(end, bytes + record->offset, (size_t)record->value);
    break;
  case BP_RECORD_END:
    note_end(end, record->value);
    break;
  case BP_RECORD_PEER_END:
    CHECK(end->demand & BP_WANT_PEER_END);
    CHECK(end->may_fail || end->peer->has_ended);
    break;
  case BP_RECORD_SENT:
    CHECK_AT_LEAST(record->value, 1);
    end->told_sent += (size_t)record->value;
    CHECK_AT_MOST(end->told_sent, end->sent);
    break;
  case BP_RECORD_SEND_FAILED:
    CHECK(end->may_fail);
    end->has_ended = true; /* nothing is sent any more */
    break;
  case BP_RECORD_ENDED:
    CHECK(end->has_ended && !end->was_told_ended);
    CHECK(end->may_fail || (record->value == 0 && end->told_sent == end->sent));
    end->was_told_ended = true;
    break;
  case BP_RECORD_CONNECTION:
  case BP_RECORD_REFUSAL:
  case BP_RECORD_OUTCOME:
  case BP_RECORD_DESCRIPTOR:
    CHECK(false); /* nobody wants these here */
  }
}

static void note_all(int count) {
  for (int i = 0; i < count; i++) {
    note(&records[i]);
  }
}

static void drain_randomly(void) {
  const size_t room = random_below(4) ? ROOM : 4096 + random_below(8192);
  note_all(drain_into(BP_RECORDS_PER_SOCKET + random_below(RECORDS - BP_RECORDS_PER_SOCKET), room));
}

/* ---- What is done ---- */

static void want_of(struct end *end, unsigned demand) {
  end->demand = demand;
  /* What was told for good is not told again. */
  want(end->socket, end->is_over ? 0 : demand, end->tag);
}

static void open_pair(size_t index) {
  struct bp_socket *pair[2];
  if (random_below(2)) {
    local_pair(pair);
  } else {
    tcp_pair(pair);
  }
  for (size_t side = 0; side < 2; side++) {
    struct end *end = &ends[index + side];
    *end = (struct end){.socket = pair[side], .peer = &ends[index + 1 - side], .tag = ++next_tag};
  }
}

static void send_randomly(struct end *end) {
  const size_t length = 1 + random_below(MOST_SENT);
  if (end->has_ended || end->sent - end->peer->read > MOST_QUEUED) {
    return;
  }
  if (random_below(2)) {
    send_pattern(end->socket, end->sent, length, end->tag);
    end->sent += length;
    return;
  }
  uint8_t text[MOST_SENT];
  put_pattern(text, end->sent, length);
  const int64_t taken = send_at_once(end->socket, text, length, end->tag);
  if (taken < 0) {
    CHECK(end->may_fail);
    end->has_ended = true;
    return;
  }
  end->sent += length;
  end->told_sent += (size_t)taken;
}

static void end_randomly(struct end *end) {
  if (!end->has_ended) {
    end->has_ended = true;
    end_sending(end->socket, end->tag);
  }
}

/* Reads without the pump, which must not read meanwhile. */
static void read_directly(struct end *end) {
  static uint8_t came[BP_BYTES_PER_TURN];
  want_of(end, end->demand & ~(unsigned)BP_WANT_BYTES);
  const int64_t got = bp_socket_read(end->socket, came, 1 + random_below(sizeof came), false);
  if (got > 0) {
    note_bytes(end, came, (size_t)got);
  } else if (got < 0) {
    CHECK(end->may_fail || (got == BP_END && end->peer->has_ended));
  }
}

/* Its peer stays, and is told, unless it is closed as well. */
static void close_end(struct end *end) {
  if (random_below(4) == 0 && bp_socket_kind(end->socket) == BP_KIND_TCP_STREAM) {
    CHECK_OK(bp_socket_reset_on_close(end->socket));
  }
  bp_socket_close(end->socket);
  end->socket = NULL;
  end->peer->may_fail = true;
}

static bool is_pair_over(size_t index) {
  return !ends[index].socket && !ends[index + 1].socket;
}

static void operate(struct end *end) {
  switch (random_below(16)) {
  case 0:
    close_end(end);
    break;
  case 1:
    end_randomly(end);
    break;
  case 2:
    read_directly(end);
    break;
  case 3:
  case 4:
    want_of(end, random_below(8) << 2); /* bytes, the peer's end, answers */
    break;
  case 5:
    note_all(flush_out());
    break;
  case 6:
  case 7:
  case 8:
  case 9:
    drain_randomly();
    break;
  default:
    send_randomly(end);
  }
}

/* ---- All that was sent arrives ---- */

static bool has_all(const struct end *end) {
  const struct end *peer = end->peer;
  if (!end->socket || end->may_fail) {
    return true;
  }
  return end->read == peer->sent && end->told_sent == end->sent &&
         (!peer->has_ended || end->is_over);
}

static void settle(void) {
  const bp_deadline_ns deadline = bp_deadline_after(PATIENCE_MS);
  for (size_t i = 0; i < 2 * PAIRS; i++) {
    if (ends[i].socket) {
      want_of(&ends[i], BP_WANT_BYTES);
    }
  }
  for (size_t i = 0; i < 2 * PAIRS; i++) {
    while (!has_all(&ends[i])) {
      CHECK(!bp_deadline_passed(deadline));
      note_all(drain());
    }
  }
}

static void what_is_sent_by_a_pump_arrives_whatever_else_happens(const char *backend) {
  const uint64_t seed = number_from("BIPOLL_FUZZ_SEED", (uint64_t)getpid());
  operations_left = number_from("BIPOLL_FUZZ_OPERATIONS", DEFAULT_OPERATIONS);
  (void)printf("    %" PRIu64 " operations from seed %" PRIu64 "\n", operations_left, seed);
  (void)fflush(stdout);
  alarm((unsigned)(60 + operations_left / OPERATIONS_PER_SECOND));
  random_begin(seed);
  pump_open_on(backend);
  for (; operations_left > 0; operations_left--) {
    const size_t chosen = random_below(2 * PAIRS);
    if (is_pair_over(chosen & ~(size_t)1)) {
      open_pair(chosen & ~(size_t)1);
    } else if (ends[chosen].socket) {
      operate(&ends[chosen]);
    }
    if (operations_left % 1000 == 0) {
      settle();
    }
  }
  settle();
  for (size_t i = 0; i < 2 * PAIRS; i++) {
    if (ends[i].socket) {
      close_end(&ends[i]);
    }
  }
  check_quiet();
  pump_close();
}

static const struct check_case cases[] = {
    CASE_ON_BACKENDS(what_is_sent_by_a_pump_arrives_whatever_else_happens),
};

CHECK_MAIN(cases)
