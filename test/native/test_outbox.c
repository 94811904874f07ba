/* An outbox: what goes in comes out, in order and once, in blocks that are few and used again. */
#include "check.h"
#include "fixtures.h"
#include "outbox.h"

#include <string.h>

#define SMALLEST ((size_t)1024)
#define LARGEST ((size_t)65536)
#define AMPLE ((size_t)1 << 20)

static struct bp_block_pool pool;
static struct bp_outbox outbox;
/* The model: of a running pattern, so much has gone in, and so much has come out. */
static size_t appended, consumed;

static void append(size_t length) {
  static uint8_t bytes[AMPLE];
  put_pattern(bytes, appended, length);
  CHECK_OK(bp_outbox_append(&outbox, &pool, bytes, length, NULL));
  memset(bytes, 0xFF, length); /* the outbox has a copy */
  appended += length;
  CHECK_INT(outbox.length, appended - consumed);
}

static void consume(size_t length) {
  bp_outbox_consume(&outbox, &pool, length);
  consumed += length;
  CHECK_INT(outbox.length, appended - consumed);
}

/* The pieces are the pattern from where it was consumed, all of it where they are not too many. */
static size_t check_pieces(struct bp_bytes pieces[BP_MAX_PIECES]) {
  static uint8_t expected[AMPLE];
  const size_t count = bp_outbox_pieces(&outbox, pieces);
  size_t shown = 0;
  for (size_t i = 0; i < count; i++) {
    CHECK_AT_LEAST(pieces[i].length, 1);
    CHECK_AT_MOST(pieces[i].length, AMPLE);
    put_pattern(expected, consumed + shown, pieces[i].length);
    CHECK_INT(memcmp(pieces[i].bytes, expected, pieces[i].length), 0);
    shown += pieces[i].length;
  }
  CHECK_AT_MOST(count, BP_MAX_PIECES);
  CHECK_AT_MOST(shown, outbox.length);
  CHECK(shown == outbox.length || count == BP_MAX_PIECES);
  return count;
}

static void leave_nothing(void) {
  bp_outbox_clear(&outbox, &pool);
  CHECK_INT(outbox.length, 0);
  CHECK(!outbox.first && !outbox.last);
  bp_block_pool_free(&pool);
  CHECK(!pool.first);
  CHECK_INT(pool.count, 0);
}

static void an_empty_one_has_no_pieces(void) {
  struct bp_bytes pieces[BP_MAX_PIECES];
  CHECK_INT(check_pieces(pieces), 0);
  append(0);
  consume(0);
  CHECK_INT(check_pieces(pieces), 0);
  CHECK(!outbox.first);
  leave_nothing();
}

static void small_writes_share_a_piece(void) {
  struct bp_bytes pieces[BP_MAX_PIECES];
  for (size_t i = 0; i < SMALLEST / 8; i++) {
    append(8);
  }
  CHECK_INT(check_pieces(pieces), 1);
  append(1);
  CHECK_INT(check_pieces(pieces), 2);
  leave_nothing();
}

/* So that a long queue has few pieces, and a short one weighs little. */
static void blocks_double_up_to_the_largest(void) {
  struct bp_bytes pieces[BP_MAX_PIECES];
  while (outbox.length < AMPLE) {
    append(64);
  }
  const size_t count = check_pieces(pieces);
  size_t expected = SMALLEST;
  for (size_t i = 0; i + 1 < count; i++) { /* the last is not full */
    CHECK_INT(pieces[i].length, expected);
    expected = expected < LARGEST ? 2 * expected : LARGEST;
  }
  CHECK_INT(expected, LARGEST);
  leave_nothing();
}

static void a_large_write_is_one_piece(void) {
  struct bp_bytes pieces[BP_MAX_PIECES];
  append(AMPLE);
  CHECK_INT(check_pieces(pieces), 1);
  append(LARGEST + 1); /* behind it the next is of no more than it needs */
  CHECK_INT(check_pieces(pieces), 2);
  CHECK_INT(pieces[1].length, LARGEST + 1);
  leave_nothing();
}

static void a_write_fills_the_last_block_first(void) {
  struct bp_bytes pieces[BP_MAX_PIECES];
  append(SMALLEST - 10);
  append(100);
  CHECK_INT(check_pieces(pieces), 2);
  CHECK_INT(pieces[0].length, SMALLEST);
  CHECK_INT(pieces[1].length, 90);
  leave_nothing();
}

static void more_blocks_than_pieces_show_as_the_oldest(void) {
  struct bp_bytes pieces[BP_MAX_PIECES];
  for (size_t i = 0; i < 2 * (size_t)BP_MAX_PIECES; i++) {
    append(LARGEST);
  }
  size_t rounds = 0;
  while (outbox.length > 0) {
    const size_t count = check_pieces(pieces);
    size_t shown = 0;
    for (size_t i = 0; i < count; i++) {
      shown += pieces[i].length;
    }
    consume(shown);
    rounds++;
  }
  CHECK_AT_LEAST(rounds, 2);
  leave_nothing();
}

/* As a system may take them: up to the edge of a block, a byte less, a byte more. */
static void consuming_stops_on_either_side_of_an_edge(void) {
  struct bp_bytes pieces[BP_MAX_PIECES];
  for (size_t edge = 1; edge <= 3; edge++) {
    for (size_t taken = 0; taken <= 2; taken++) {
      size_t length = 0;
      append(SMALLEST);
      append(2 * SMALLEST);
      append(4 * SMALLEST);
      CHECK_INT(check_pieces(pieces), 3);
      for (size_t i = 0; i < edge; i++) {
        length += pieces[i].length;
      }
      length = length - 1 + taken;
      consume(length < outbox.length ? length : outbox.length);
      CHECK_INT(check_pieces(pieces), taken == 0 ? 4 - edge : 3 - edge);
      append(10); /* behind what is left, be it nothing */
      (void)check_pieces(pieces);
      consume(outbox.length);
      CHECK(!outbox.first && !outbox.last);
    }
  }
  leave_nothing();
}

static void a_message_after_another_takes_the_same_block(void) {
  append(100);
  const struct bp_block *block = outbox.first;
  consume(100);
  CHECK_INT(pool.count, 1);
  append(SMALLEST);
  CHECK(outbox.first == block);
  CHECK_INT(pool.count, 0);
  leave_nothing();
}

static void the_pool_keeps_some_of_the_smallest(void) {
  enum { OUTBOXES = BP_SPARE_BLOCKS + 10 };
  struct bp_outbox many[OUTBOXES] = {0};
  for (int i = 0; i < OUTBOXES; i++) {
    CHECK_OK(bp_outbox_append(&many[i], &pool, "x", 1, NULL));
  }
  append(AMPLE);
  consume(AMPLE);
  CHECK_INT(pool.count, 0);
  for (int i = 0; i < OUTBOXES; i++) {
    bp_outbox_clear(&many[i], &pool);
    CHECK_INT(pool.count, i < BP_SPARE_BLOCKS ? i + 1 : BP_SPARE_BLOCKS);
  }
  leave_nothing();
}

/* Small as a rule, and now and then several blocks. */
static size_t any_length(uint32_t *random, size_t limit) {
  *random = *random * 1664525U + 1013904223U;
  const size_t scale = (size_t)1 << (*random >> 28);
  const size_t length = (size_t)(*random >> 8 & 0xFFFF) % (4 * scale);
  return length < limit ? length : limit;
}

static void whatever_comes_and_goes_stays_in_order(void) {
  enum { STEPS = 5000 };
  struct bp_bytes pieces[BP_MAX_PIECES];
  uint32_t random = 1;
  int emptied = 0;
  for (int i = 0; i < STEPS; i++) {
    append(any_length(&random, LARGEST));
    consume(any_length(&random, outbox.length));
    (void)check_pieces(pieces);
    CHECK_AT_MOST(pool.count, BP_SPARE_BLOCKS);
    if (outbox.length > LARGEST) {
      consume(outbox.length - any_length(&random, 100));
    }
    emptied += outbox.length == 0;
  }
  CHECK_AT_LEAST(emptied, STEPS / 100);
  leave_nothing();
}

static const struct check_case cases[] = {
    CASE(an_empty_one_has_no_pieces),
    CASE(small_writes_share_a_piece),
    CASE(blocks_double_up_to_the_largest),
    CASE(a_large_write_is_one_piece),
    CASE(a_write_fills_the_last_block_first),
    CASE(more_blocks_than_pieces_show_as_the_oldest),
    CASE(consuming_stops_on_either_side_of_an_edge),
    CASE(a_message_after_another_takes_the_same_block),
    CASE(the_pool_keeps_some_of_the_smallest),
    CASE(whatever_comes_and_goes_stays_in_order),
};
CHECK_MAIN(cases)
