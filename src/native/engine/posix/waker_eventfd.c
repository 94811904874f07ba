#include "waker.h"

#ifdef __linux__

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int eventfd_open(struct bp_waker *waker) {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) {
    return -errno;
  }
  waker->read_fd = waker->write_fd = fd;
  return 0;
}

static bool eventfd_signal(const struct bp_waker *waker) {
  const uint64_t one = 1;
  ssize_t written = 0;
  do {
    written = write(waker->write_fd, &one, sizeof one);
  } while (written < 0 && errno == EINTR);
  return written > 0;
}

static void eventfd_drain(const struct bp_waker *waker) {
  uint64_t count = 0;
  while (read(waker->read_fd, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

const struct bp_waker_ops bp_waker_eventfd = {
    .name = "eventfd",
    .open = eventfd_open,
    .signal = eventfd_signal,
    .drain = eventfd_drain,
};

#endif
