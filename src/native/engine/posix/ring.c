#include "ring.h"

#include "provided_buffers.h"
#include "uring_abi.h"

#ifdef BP_HAS_URING

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define SUBMISSIONS 256
#define COMPLETIONS 4096
#define MOST_PIECES 8 /* of one send */

#define SETUP_FLAGS                                                                                \
  (IORING_SETUP_CQSIZE | BP_URING_SETUP_SUBMIT_ALL | BP_URING_SETUP_TASKRUN_FLAG |                 \
   BP_URING_SETUP_SINGLE_ISSUER | BP_URING_SETUP_DEFER_TASKRUN)

/* What a send of several pieces points to until it has been handed over. */
struct parcel {
  struct msghdr message;
  struct iovec pieces[MOST_PIECES];
};

struct mapping {
  uint8_t *memory;
  size_t length;
};

typedef _Atomic unsigned shared_number; /* the kernel reads or writes it as well */

struct bp_ring {
  int fd;
  struct mapping queues; /* both in one */
  struct mapping entries;
  struct io_uring_sqe *submissions;
  const struct io_uring_cqe *completions;
  shared_number *submission_tail, *submission_flags;
  shared_number *completion_head, *completion_tail, *completion_flags;
  unsigned submission_mask, completion_mask;
  unsigned tail;     /* of the submissions */
  unsigned prepared; /* not handed over yet */
  bool holds_buffer; /* the last completion's, which the next call gives back */
  uint16_t buffer;
  struct bp_provided_buffers buffers;
  struct parcel parcels[SUBMISSIONS]; /* for each submission */
};

/* ---- Opening and closing ---- */

/* Returns whether it has worked; if not, errno says why. */
static bool map(struct mapping *mapping, int fd, size_t length, off_t offset) {
  void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
  if (memory == MAP_FAILED) {
    return false;
  }
  *mapping = (struct mapping){memory, length};
  return true;
}

static void unmap(struct mapping *mapping) {
  if (mapping->memory) {
    (void)munmap(mapping->memory, mapping->length);
  }
}

static shared_number *number_at(const struct bp_ring *ring, unsigned offset) {
  return (shared_number *)(void *)(ring->queues.memory + offset);
}

/* Each submission has its own place, so the kernel's list of places never changes. */
static void list_submissions(const struct bp_ring *ring, const struct io_uring_params *params) {
  unsigned *list = (unsigned *)(void *)(ring->queues.memory + params->sq_off.array);
  for (unsigned i = 0; i < params->sq_entries; i++) {
    list[i] = i;
  }
}

static int map_queues(struct bp_ring *ring, const struct io_uring_params *params) {
  const size_t of_submissions = params->sq_off.array + params->sq_entries * sizeof(unsigned);
  const size_t of_completions =
      params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
  const size_t of_both = of_submissions > of_completions ? of_submissions : of_completions;
  if (!map(&ring->queues, ring->fd, of_both, IORING_OFF_SQ_RING) ||
      !map(&ring->entries, ring->fd, params->sq_entries * sizeof(struct io_uring_sqe),
           IORING_OFF_SQES)) {
    return -errno;
  }
  ring->submissions = (struct io_uring_sqe *)(void *)ring->entries.memory;
  ring->completions = (const void *)(ring->queues.memory + params->cq_off.cqes);
  ring->submission_tail = number_at(ring, params->sq_off.tail);
  ring->submission_flags = number_at(ring, params->sq_off.flags);
  ring->completion_head = number_at(ring, params->cq_off.head);
  ring->completion_tail = number_at(ring, params->cq_off.tail);
  ring->completion_flags = number_at(ring, params->cq_off.flags);
  ring->submission_mask = params->sq_entries - 1;
  ring->completion_mask = params->cq_entries - 1;
  list_submissions(ring, params);
  return 0;
}

static void unmap_and_free(struct bp_ring *ring) {
  unmap(&ring->entries);
  unmap(&ring->queues);
  close(ring->fd);
  free(ring);
}

int bp_ring_open(const struct bp_waker *waker, struct bp_ring **out) {
  struct io_uring_params params = {.flags = SETUP_FLAGS, .cq_entries = COMPLETIONS};
  struct bp_ring *ring = calloc(1, sizeof *ring);
  if (!ring) {
    return -ENOMEM;
  }
  ring->fd = (int)syscall(__NR_io_uring_setup, SUBMISSIONS, &params);
  if (ring->fd < 0) {
    const int error = -errno;
    free(ring);
    return error;
  }
  int error = map_queues(ring, &params);
  if (!error && syscall(__NR_io_uring_register, ring->fd, BP_URING_REGISTER_EVENTFD,
                        &waker->read_fd, 1) < 0) {
    error = -errno;
  }
  if (!error) {
    error = bp_provided_buffers_open(&ring->buffers, ring->fd);
  }
  if (error) {
    unmap_and_free(ring);
    return error;
  }
  *out = ring;
  return 0;
}

void bp_ring_close(struct bp_ring *ring) {
  struct bp_provided_buffers buffers = ring->buffers;
  unmap_and_free(ring);
  bp_provided_buffers_close(&buffers);
}

/* ---- Operations ---- */

/* NULL: the kernel takes none now. */
static struct io_uring_sqe *prepare(struct bp_ring *ring, uint8_t operation, int fd,
                                    uint64_t name) {
  if (ring->prepared > ring->submission_mask) {
    (void)bp_ring_enter(ring, BP_RING_SUBMIT);
    if (ring->prepared > ring->submission_mask) {
      return NULL;
    }
  }
  struct io_uring_sqe *submission = &ring->submissions[ring->tail & ring->submission_mask];
  memset(submission, 0, sizeof *submission);
  submission->opcode = operation;
  submission->fd = fd;
  submission->user_data = name;
  ring->tail++;
  ring->prepared++;
  return submission;
}

int bp_ring_receive(struct bp_ring *ring, int fd, uint64_t name) {
  struct io_uring_sqe *submission = prepare(ring, BP_URING_OP_RECV, fd, name);
  if (!submission) {
    return -EAGAIN;
  }
  submission->flags = IOSQE_BUFFER_SELECT;
  submission->buf_group = BP_PROVIDED_GROUP;
  submission->ioprio = BP_URING_RECV_MULTISHOT;
  return 0;
}

int bp_ring_send(struct bp_ring *ring, int fd, const struct bp_bytes *pieces, size_t count,
                 uint64_t name) {
  const bool is_one = count == 1;
  struct io_uring_sqe *submission =
      prepare(ring, is_one ? BP_URING_OP_SEND : BP_URING_OP_SENDMSG, fd, name);
  if (!submission) {
    return -EAGAIN;
  }
  submission->msg_flags = MSG_NOSIGNAL;
  if (is_one) {
    submission->addr = (uint64_t)(uintptr_t)pieces[0].bytes;
    submission->len = pieces[0].length < INT_MAX ? (unsigned)pieces[0].length : INT_MAX;
    return 1;
  }
  struct parcel *parcel = &ring->parcels[submission - ring->submissions];
  const size_t used = count < MOST_PIECES ? count : MOST_PIECES;
  for (size_t i = 0; i < used; i++) {
    parcel->pieces[i] =
        (struct iovec){.iov_base = (void *)pieces[i].bytes, .iov_len = pieces[i].length};
  }
  parcel->message = (struct msghdr){.msg_iov = parcel->pieces};
  parcel->message.msg_iovlen = (uint8_t)used; /* a size_t with glibc, an int with musl */
  submission->addr = (uint64_t)(uintptr_t)&parcel->message;
  submission->len = 1;
  return (int)used;
}

int bp_ring_poll(struct bp_ring *ring, int fd, uint64_t name) {
  struct io_uring_sqe *submission = prepare(ring, IORING_OP_POLL_ADD, fd, name);
  if (!submission) {
    return -EAGAIN;
  }
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  submission->poll32_events = (unsigned)POLLIN << 16;
#else
  submission->poll32_events = POLLIN;
#endif
  return 0;
}

int bp_ring_cancel(struct bp_ring *ring, uint64_t canceled, uint64_t name) {
  struct io_uring_sqe *submission = prepare(ring, BP_URING_OP_ASYNC_CANCEL, -1, name);
  if (!submission) {
    return -EAGAIN;
  }
  submission->addr = canceled;
  return 0;
}

void bp_ring_withdraw(struct bp_ring *ring, int fd) {
  for (unsigned i = 1; i <= ring->prepared; i++) {
    struct io_uring_sqe *submission = &ring->submissions[(ring->tail - i) & ring->submission_mask];
    if (submission->fd == fd) {
      *submission =
          (struct io_uring_sqe){.opcode = IORING_OP_NOP, .user_data = submission->user_data};
    }
  }
}

/* ---- Handing over ---- */

static bool has_completions(const struct bp_ring *ring) {
  return atomic_load_explicit(ring->completion_head, memory_order_relaxed) !=
         atomic_load_explicit(ring->completion_tail, memory_order_acquire);
}

bool bp_ring_has_prepared(const struct bp_ring *ring) {
  return ring->prepared > 0;
}

bool bp_ring_has_work(const struct bp_ring *ring) {
  return has_completions(ring) ||
         atomic_load(ring->submission_flags) & (BP_URING_SQ_TASKRUN | BP_URING_SQ_CQ_OVERFLOW);
}

static long enter_once(struct bp_ring *ring, enum bp_ring_depth depth) {
  const unsigned flags = depth == BP_RING_SUBMIT ? 0U : IORING_ENTER_GETEVENTS;
  const unsigned least = depth == BP_RING_WAIT && !has_completions(ring);
  return syscall(__NR_io_uring_enter, ring->fd, ring->prepared, least, flags, NULL, (size_t)0);
}

int bp_ring_enter(struct bp_ring *ring, enum bp_ring_depth depth) {
  long taken = 0;
  int error = 0;
  atomic_store(ring->completion_flags, BP_URING_CQ_EVENTFD_DISABLED);
  atomic_store_explicit(ring->submission_tail, ring->tail, memory_order_release);
  do {
    taken = enter_once(ring, depth);
    error = taken < 0 ? -errno : 0;
    ring->prepared -= taken > 0 ? (unsigned)taken : 0U;
  } while (error == -EINTR);
  /* Before the caller looks at bp_ring_has_work(): what comes afterwards is notified again. */
  atomic_store(ring->completion_flags, 0);
  switch (error) {
  case -EBUSY: /* completions are to be taken first */
    return has_completions(ring) ? 0 : -ENOMEM;
  case -EAGAIN:
    return -ENOMEM; /* which it means */
  default:
    return error;
  }
}

/* ---- Completions ---- */

static void give_buffer_back(struct bp_ring *ring) {
  if (ring->holds_buffer) {
    ring->holds_buffer = false;
    bp_provided_buffers_return(&ring->buffers, ring->buffer);
  }
}

bool bp_ring_take(struct bp_ring *ring, struct bp_completion *out) {
  give_buffer_back(ring);
  if (!has_completions(ring)) {
    return false;
  }
  const unsigned head = atomic_load_explicit(ring->completion_head, memory_order_relaxed);
  const struct io_uring_cqe *completion = &ring->completions[head & ring->completion_mask];
  *out = (struct bp_completion){
      .name = completion->user_data,
      .result = completion->res,
      .has_more = completion->flags & BP_URING_CQE_MORE,
  };
  if (completion->flags & BP_URING_CQE_BUFFER) {
    ring->holds_buffer = true;
    ring->buffer = (uint16_t)(completion->flags >> BP_URING_CQE_BUFFER_SHIFT);
    out->bytes = bp_provided_buffer(&ring->buffers, ring->buffer);
  }
  atomic_store_explicit(ring->completion_head, head + 1, memory_order_release);
  return true;
}

#endif
