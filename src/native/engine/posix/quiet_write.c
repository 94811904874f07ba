#include "quiet_write.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

static bool is_ignored(void) {
  struct sigaction action;
  return sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static bool is_pending(void) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

ssize_t bp_quiet_writev(int fd, const struct iovec *pieces, int count) {
  sigset_t broken_pipe;
  sigset_t before;
  if (is_ignored()) {
    return writev(fd, pieces, count);
  }
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  const bool was_pending = is_pending();
  pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
  const ssize_t taken = writev(fd, pieces, count);
  const int error = errno;
  if (taken < 0 && error == EPIPE && !was_pending && is_pending()) {
    int signal = 0;
    sigwait(&broken_pipe, &signal); /* it came to this thread, and is taken back */
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return taken;
}
