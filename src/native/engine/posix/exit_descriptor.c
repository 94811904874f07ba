#include "exit_descriptor.h"

#include <errno.h>
#include <unistd.h>

#if defined BP_HAS_KQUEUE

#include "descriptor.h"

#include <sys/event.h>

/* A kqueue of its own, which is readable while its event waits there. Nobody ever takes that. */
int bp_exit_descriptor_open(pid_t pid, int *fd) {
  struct kevent change;
  const int own = kqueue();
  if (own < 0) {
    return -errno;
  }
  EV_SET(&change, (uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, NULL);
  int error = bp_descriptor_set_close_on_exec(own);
  if (!error && kevent(own, &change, 1, NULL, 0, NULL) < 0) {
    error = -errno;
  }
  if (error) {
    close(own);
    return error;
  }
  *fd = own;
  return 0;
}

int bp_exit_descriptor_wait(int fd, pid_t pid, siginfo_t *info, int options) {
  (void)fd;
  return waitid(P_PID, (id_t)pid, info, options);
}

#elif defined __linux__

#include <sys/syscall.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434 /* on every processor that Node.js runs on */
#endif

#define BY_PIDFD 3 /* P_PIDFD, which older headers lack */

int bp_exit_descriptor_open(pid_t pid, int *fd) {
  const long opened = syscall(SYS_pidfd_open, pid, 0);
  if (opened < 0) {
    return -errno;
  }
  *fd = (int)opened;
  return 0;
}

/* By the descriptor: once somebody has waited for the process, its number may be another's. */
int bp_exit_descriptor_wait(int fd, pid_t pid, siginfo_t *info, int options) {
  return fd < 0 ? waitid(P_PID, (id_t)pid, info, options)
                : waitid((idtype_t)BY_PIDFD, (id_t)fd, info, options);
}

#else

int bp_exit_descriptor_open(pid_t pid, int *fd) {
  (void)pid;
  (void)fd;
  return -ENOTSUP;
}

int bp_exit_descriptor_wait(int fd, pid_t pid, siginfo_t *info, int options) {
  (void)fd;
  return waitid(P_PID, (id_t)pid, info, options);
}

#endif

bool bp_exit_descriptor_exists(void) {
  int fd = -1;
  if (bp_exit_descriptor_open(getpid(), &fd)) {
    return false;
  }
  close(fd);
  return true;
}
