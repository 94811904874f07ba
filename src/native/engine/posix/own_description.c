#include "own_description.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

#ifdef TIOCGPTN

bool bp_is_terminal_master(int fd) {
  int number = 0;
  return ioctl(fd, TIOCGPTN, &number) == 0;
}

#else

bool bp_is_terminal_master(int fd) {
  (void)fd;
  return false;
}

#endif

#ifdef __linux__

int bp_own_description(int fd) {
  char path[32];
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) {
    return -errno;
  }
  if (bp_is_terminal_master(fd)) {
    return -ENOTSUP; /* to open the path of a master makes another terminal */
  }
  (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  const int own = open(path, (flags & O_ACCMODE) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return own < 0 ? -errno : own;
}

#else

/* Their /dev/fd gives another descriptor of the same description. */
int bp_own_description(int fd) {
  (void)fd;
  return -ENOTSUP;
}

#endif
