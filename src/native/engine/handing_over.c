#include "handing_over.h"

#include "attached.h"

/* One call of the system: for the oldest bytes, with the descriptors that are attached to them. */
static int64_t write_pieces(struct bp_socket *socket, const struct bp_outbox *outbox,
                            const struct bp_bytes *pieces, size_t count) {
  const struct bp_attached *attached = bp_outbox_attached(outbox);
  if (attached) {
    return bp_socket_send_descriptors(socket, pieces[0].bytes, pieces[0].length, attached->fds,
                                      attached->count);
  }
  return count == 1 ? bp_socket_write(socket, pieces[0].bytes, pieces[0].length)
                    : bp_socket_writev(socket, pieces, count);
}

int64_t bp_hand_over(struct bp_socket *socket, struct bp_outbox *outbox,
                     struct bp_block_pool *blocks) {
  struct bp_bytes pieces[BP_MAX_PIECES];
  int64_t total = 0;
  while (outbox->length > 0) {
    const size_t count = bp_outbox_pieces(outbox, pieces);
    size_t offered = 0;
    for (size_t i = 0; i < count; i++) {
      offered += pieces[i].length;
    }
    const int64_t taken = write_pieces(socket, outbox, pieces, count);
    if (taken < 0) {
      return taken;
    }
    bp_outbox_consume(outbox, blocks, (size_t)taken);
    total += taken;
    if ((size_t)taken < offered) {
      break; /* the next would take nothing */
    }
  }
  return total;
}
