#include "descriptor.h"
#include "waker.h"

#include <errno.h>
#include <unistd.h>

static int pipe_open(struct bp_waker *waker) {
  int fds[2];
  const int error = bp_descriptor_pipe(fds);
  if (error) {
    return error;
  }
  waker->read_fd = fds[0];
  waker->write_fd = fds[1];
  return 0;
}

static void pipe_signal(const struct bp_waker *waker) {
  const char byte = 0;
  /* EAGAIN: the pipe is full, so the waiter has plenty to wake up for. */
  while (write(waker->write_fd, &byte, 1) < 0 && errno == EINTR) {
  }
}

static void pipe_drain(const struct bp_waker *waker) {
  char bytes[64];
  ssize_t got = 0;
  do {
    got = read(waker->read_fd, bytes, sizeof bytes);
  } while (got == (ssize_t)sizeof bytes || (got < 0 && errno == EINTR));
}

const struct bp_waker_ops bp_waker_pipe = {
    .name = "pipe",
    .open = pipe_open,
    .signal = pipe_signal,
    .drain = pipe_drain,
};
