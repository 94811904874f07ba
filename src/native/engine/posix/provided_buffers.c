#include "provided_buffers.h"

#include "uring_abi.h"

#ifdef BP_HAS_URING

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

/* A buffer is given back as soon as its bytes were taken, so there are enough of them for what the
 * kernel works on in one call. */
#define BUFFERS 256
#define BUFFER_BYTES 4096
#define QUEUE_BYTES (BUFFERS * sizeof(struct bp_uring_buffer))
#define MEMORY_BYTES (QUEUE_BYTES + (size_t)BUFFERS * BUFFER_BYTES)

static struct bp_uring_buffer *queue_of(const struct bp_provided_buffers *buffers) {
  return (struct bp_uring_buffer *)(void *)buffers->memory;
}

const uint8_t *bp_provided_buffer(const struct bp_provided_buffers *buffers, uint16_t number) {
  return buffers->memory + QUEUE_BYTES + (size_t)number * BUFFER_BYTES;
}

void bp_provided_buffers_return(struct bp_provided_buffers *buffers, uint16_t number) {
  struct bp_uring_buffer *queue = queue_of(buffers);
  struct bp_uring_buffer *entry = &queue[buffers->tail % BUFFERS];
  entry->address = (uint64_t)(uintptr_t)bp_provided_buffer(buffers, number);
  entry->length = BUFFER_BYTES;
  entry->number = number;
  buffers->tail++;
  atomic_store_explicit((_Atomic uint16_t *)&queue[0].tail, buffers->tail, memory_order_release);
}

int bp_provided_buffers_open(struct bp_provided_buffers *buffers, int ring_fd) {
  void *memory =
      mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return -errno;
  }
  buffers->memory = memory;
  buffers->tail = 0;
  struct bp_uring_buffer_ring ring = {
      .address = (uint64_t)(uintptr_t)memory, .entries = BUFFERS, .group = BP_PROVIDED_GROUP};
  if (syscall(__NR_io_uring_register, ring_fd, BP_URING_REGISTER_BUFFER_RING, &ring, 1) < 0) {
    const int error = -errno;
    bp_provided_buffers_close(buffers);
    return error;
  }
  for (uint16_t number = 0; number < BUFFERS; number++) {
    bp_provided_buffers_return(buffers, number);
  }
  return 0;
}

void bp_provided_buffers_close(struct bp_provided_buffers *buffers) {
  (void)munmap(buffers->memory, MEMORY_BYTES);
}

#endif
