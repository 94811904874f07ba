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

static bool pipe_signal(const struct bp_waker *waker) {
  const char byte = 0;
  ssize_t written = 0;
  do {
    written = write(waker->write_fd, &byte, 1);
  } while (written < 0 && errno == EINTR);
  return written > 0;
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
