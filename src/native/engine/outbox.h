/* Bytes on their way out, in order and in memory of their own: a queue for one socket. */
#ifndef BIPOLL_OUTBOX_H
#define BIPOLL_OUTBOX_H

#include "attached.h"
#include "engine.h"

struct bp_block;

/*
 * Blocks that outboxes have used and will use again, so that a message costs no allocation. At most
 * BP_SPARE_BLOCKS are kept, each of the smallest size.
 */
#define BP_SPARE_BLOCKS 64
struct bp_block_pool { /* zero-initialised is empty */
  struct bp_block *first;
  unsigned count;
};

void bp_block_pool_free(struct bp_block_pool *pool);

struct bp_outbox { /* zero-initialised is empty */
  struct bp_block *first, *last;
  size_t length; /* in bytes */
};

/*
 * Copies bytes to the end of the queue. attached: NULL, or what goes with the first of them, of
 * which there must be one; the outbox frees it. -ENOMEM: nothing was copied or taken over.
 */
int bp_outbox_append(struct bp_outbox *outbox, struct bp_block_pool *pool, const void *bytes,
                     size_t length, struct bp_attached *attached);

/* What goes with the oldest byte, or NULL. */
const struct bp_attached *bp_outbox_attached(const struct bp_outbox *outbox);

/*
 * The oldest bytes, as at most BP_MAX_PIECES pieces: those that may go in one call of the system,
 * so none from beyond the next bytes that have something attached, and these come as a piece alone.
 * Returns how many pieces there are.
 */
size_t bp_outbox_pieces(const struct bp_outbox *outbox, struct bp_bytes pieces[BP_MAX_PIECES]);

/* Removes the oldest bytes: those that were sent. */
void bp_outbox_consume(struct bp_outbox *outbox, struct bp_block_pool *pool, size_t length);

/* Removes all. */
void bp_outbox_clear(struct bp_outbox *outbox, struct bp_block_pool *pool);

#endif
