/*
 * A waker: a descriptor that becomes readable when another thread signals it. An axis of its own
 * beside the backends: any that waits on descriptors can use either kind.
 */
#ifndef BIPOLL_WAKER_H
#define BIPOLL_WAKER_H

#include <stdatomic.h>
#include <stdbool.h>

struct bp_waker;

struct bp_waker_ops {
  const char *name;
  int (*open)(struct bp_waker *waker);
  /* Does not block. Returns whether it has worked. */
  bool (*signal)(const struct bp_waker *waker);
  void (*drain)(const struct bp_waker *waker);
};

struct bp_waker {
  const struct bp_waker_ops *ops;
  int read_fd, write_fd;    /* one and the same for an eventfd */
  atomic_bool is_signalled; /* spares a system call to all but the first of many signals */
};

extern const struct bp_waker_ops bp_waker_eventfd; /* Linux */
extern const struct bp_waker_ops bp_waker_pipe;

/* Opens the lightest kind that works here. */
int bp_waker_open(struct bp_waker *waker);
int bp_waker_open_as(struct bp_waker *waker, const struct bp_waker_ops *ops);
void bp_waker_close(struct bp_waker *waker);

/* From any thread. */
void bp_waker_signal(struct bp_waker *waker);
/* After read_fd was found readable, by the thread that waits. */
void bp_waker_drain(struct bp_waker *waker);

#endif
