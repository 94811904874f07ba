/*
 * Buffers that a ring's receives pick from as bytes come, so that a connection that is silent holds
 * none.
 */
#ifndef BIPOLL_PROVIDED_BUFFERS_H
#define BIPOLL_PROVIDED_BUFFERS_H

#include <stdint.h>

#define BP_PROVIDED_GROUP 0

struct bp_provided_buffers {
  uint8_t *memory; /* page-aligned: the kernel's queue of buffers, then the buffers */
  uint16_t tail;
};

/* Gives buffers to the ring of this descriptor. */
int bp_provided_buffers_open(struct bp_provided_buffers *buffers, int ring_fd);
/* After the ring was closed. */
void bp_provided_buffers_close(struct bp_provided_buffers *buffers);

const uint8_t *bp_provided_buffer(const struct bp_provided_buffers *buffers, uint16_t number);
/* Gives one back to the kernel, which may write to it from then on. */
void bp_provided_buffers_return(struct bp_provided_buffers *buffers, uint16_t number);

#endif
