/*
 * What the kernel understands about io_uring: linux/io_uring.h, and the numbers and structures that
 * the header of an older system lacks. They never change.
 */
#ifndef BIPOLL_URING_ABI_H
#define BIPOLL_URING_ABI_H

#if defined(__linux__) && defined(__has_include)
#if __has_include(<linux/io_uring.h>)
#define BP_HAS_URING
#endif
#endif

#ifdef BP_HAS_URING

#include <linux/io_uring.h>
#include <sys/syscall.h>

#ifndef __NR_io_uring_setup /* the same on every processor */
#define __NR_io_uring_setup 425
#define __NR_io_uring_enter 426
#define __NR_io_uring_register 427
#endif

#define BP_URING_SETUP_SUBMIT_ALL (1U << 7)
#define BP_URING_SETUP_TASKRUN_FLAG (1U << 9)
#define BP_URING_SETUP_SINGLE_ISSUER (1U << 12)
#define BP_URING_SETUP_DEFER_TASKRUN (1U << 13)

#define BP_URING_SQ_CQ_OVERFLOW (1U << 1)
#define BP_URING_SQ_TASKRUN (1U << 2)
#define BP_URING_CQ_EVENTFD_DISABLED (1U << 0)

#define BP_URING_OP_SENDMSG 9
#define BP_URING_OP_ASYNC_CANCEL 14
#define BP_URING_OP_SEND 26
#define BP_URING_OP_RECV 27

#define BP_URING_RECV_MULTISHOT (1U << 1)
#define BP_URING_CQE_BUFFER (1U << 0)
#define BP_URING_CQE_MORE (1U << 1)
#define BP_URING_CQE_BUFFER_SHIFT 16

#define BP_URING_REGISTER_EVENTFD 4
#define BP_URING_REGISTER_BUFFER_RING 22

struct bp_uring_buffer { /* struct io_uring_buf */
  uint64_t address;
  uint32_t length;
  uint16_t number;
  uint16_t tail; /* of the first one: where the kernel's queue ends */
};

struct bp_uring_buffer_ring { /* struct io_uring_buf_reg */
  uint64_t address;
  uint32_t entries;
  uint16_t group;
  uint16_t flags;
  uint64_t reserved[3];
};

#endif

#endif
