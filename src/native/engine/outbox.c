#include "outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A block doubles the last one up to the largest size, so that a long queue has few pieces and a
 * short one weighs little. A larger write gets a block of its own size. */
#define SMALLEST_BLOCK_BYTES 1024
#define LARGEST_BLOCK_BYTES 65536

struct bp_block {
  struct bp_block *next;
  size_t start, end; /* of the bytes that are in the queue */
  size_t capacity_bytes;
  struct bp_attached *attached; /* goes with the first byte; NULL: nothing */
  uint8_t bytes[];
};

/* ---- Blocks ---- */

static struct bp_block *take_block(struct bp_block_pool *pool, size_t capacity_bytes) {
  struct bp_block *block = pool->first;
  if (block && capacity_bytes <= SMALLEST_BLOCK_BYTES) {
    pool->first = block->next;
    pool->count--;
  } else {
    block = malloc(sizeof *block + capacity_bytes);
    if (!block) {
      return NULL;
    }
    block->capacity_bytes = capacity_bytes;
  }
  block->next = NULL;
  block->start = block->end = 0;
  block->attached = NULL;
  return block;
}

static void free_attached(struct bp_block *block) {
  bp_attached_free(block->attached);
  block->attached = NULL;
}

static void give_block_back(struct bp_block_pool *pool, struct bp_block *block) {
  free_attached(block);
  if (block->capacity_bytes != SMALLEST_BLOCK_BYTES || pool->count >= BP_SPARE_BLOCKS) {
    free(block);
    return;
  }
  block->next = pool->first;
  pool->first = block;
  pool->count++;
}

void bp_block_pool_free(struct bp_block_pool *pool) {
  while (pool->first) {
    struct bp_block *block = pool->first;
    pool->first = block->next;
    free(block);
  }
  pool->count = 0;
}

/* ---- The queue ---- */

static size_t room_in(const struct bp_block *block) {
  return block ? block->capacity_bytes - block->end : 0;
}

static size_t next_capacity(const struct bp_outbox *outbox, size_t needed) {
  size_t capacity = SMALLEST_BLOCK_BYTES;
  if (outbox->last) {
    const size_t doubled = 2 * outbox->last->capacity_bytes;
    capacity = doubled < LARGEST_BLOCK_BYTES ? doubled : LARGEST_BLOCK_BYTES;
  }
  while (capacity < needed && capacity < LARGEST_BLOCK_BYTES) {
    capacity *= 2;
  }
  return capacity < needed ? needed : capacity;
}

static void fill(struct bp_block *block, const uint8_t *bytes, size_t length) {
  if (length) {
    memcpy(block->bytes + block->end, bytes, length);
    block->end += length;
  }
}

int bp_outbox_append(struct bp_outbox *outbox, struct bp_block_pool *pool, const void *bytes,
                     size_t length, struct bp_attached *attached) {
  const size_t room = attached ? 0 : room_in(outbox->last);
  const size_t first = length < room ? length : room;
  const size_t rest = length - first;
  struct bp_block *added = NULL;
  if (rest) {
    added = take_block(pool, next_capacity(outbox, rest));
    if (!added) {
      return -ENOMEM;
    }
    added->attached = attached;
    fill(added, (const uint8_t *)bytes + first, rest);
  }
  if (first) {
    fill(outbox->last, bytes, first);
  }
  if (added) {
    *(outbox->last ? &outbox->last->next : &outbox->first) = added;
    outbox->last = added;
  }
  outbox->length += length;
  return 0;
}

const struct bp_attached *bp_outbox_attached(const struct bp_outbox *outbox) {
  return outbox->first ? outbox->first->attached : NULL;
}

size_t bp_outbox_pieces(const struct bp_outbox *outbox, struct bp_bytes pieces[BP_MAX_PIECES]) {
  size_t count = 0;
  for (const struct bp_block *block = outbox->first; block && count < BP_MAX_PIECES;
       block = block->next) {
    if (block->attached && count > 0) {
      break;
    }
    pieces[count++] = (struct bp_bytes){.bytes = block->bytes + block->start,
                                        .length = block->end - block->start};
    if (block->attached) {
      break;
    }
  }
  return count;
}

void bp_outbox_consume(struct bp_outbox *outbox, struct bp_block_pool *pool, size_t length) {
  outbox->length -= length;
  while (outbox->first) {
    struct bp_block *block = outbox->first;
    const size_t present = block->end - block->start;
    if (length < present) {
      block->start += length;
      if (length > 0) {
        free_attached(block); /* it went with the first of these */
      }
      return;
    }
    length -= present;
    outbox->first = block->next;
    give_block_back(pool, block);
  }
  outbox->last = NULL;
}

void bp_outbox_clear(struct bp_outbox *outbox, struct bp_block_pool *pool) {
  bp_outbox_consume(outbox, pool, outbox->length);
}
