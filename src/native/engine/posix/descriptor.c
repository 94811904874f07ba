#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

int bp_descriptor_set_non_blocking(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
    return -errno;
  }
  return 0;
}

int bp_descriptor_set_close_on_exec(int fd) {
  return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

int bp_descriptor_access(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -errno : flags & O_ACCMODE;
}

int bp_descriptor_duplicate(int fd) {
  const int other = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  return other < 0 ? -errno : other;
}

void bp_descriptor_close(int fd) {
  close(fd); /* EINTR is a success here; to repeat it could close somebody else's descriptor */
}

void bp_descriptor_refuse_sigpipe(int fd) {
#ifdef SO_NOSIGPIPE
  /* Fails on a pipe, which does not have it, and on a peer that is gone, where nothing is lost. */
  const int on = 1;
  (void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#else
  (void)fd;
#endif
}

/* Linux sets all flags in the call that makes the descriptor, so no fork in another thread can come
 * between. */
#ifdef __linux__

int bp_descriptor_socket(int family, int type, int *fd) {
  *fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return *fd < 0 ? -errno : 0;
}

int bp_descriptor_socket_pair(int fds[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0 ? -errno : 0;
}

static int accept_one(int listener, int *fd) {
  *fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return *fd < 0 ? -errno : 0;
}

int bp_descriptor_pipe(int fds[2]) {
  return pipe2(fds, O_NONBLOCK | O_CLOEXEC) < 0 ? -errno : 0;
}

#else

static int prepare(int fd) {
  int error = bp_descriptor_set_close_on_exec(fd);
  if (!error) {
    error = bp_descriptor_set_non_blocking(fd);
  }
  bp_descriptor_refuse_sigpipe(fd);
  if (error) {
    close(fd);
  }
  return error;
}

static int prepare_both(int fds[2]) {
  int error = prepare(fds[0]);
  if (error) {
    close(fds[1]);
    return error;
  }
  error = prepare(fds[1]);
  if (error) {
    close(fds[0]);
  }
  return error;
}

int bp_descriptor_socket(int family, int type, int *fd) {
  *fd = socket(family, type, 0);
  return *fd < 0 ? -errno : prepare(*fd);
}

int bp_descriptor_socket_pair(int fds[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 ? -errno : prepare_both(fds);
}

static int accept_one(int listener, int *fd) {
  *fd = accept(listener, NULL, NULL);
  return *fd < 0 ? -errno : prepare(*fd);
}

int bp_descriptor_pipe(int fds[2]) {
  return pipe(fds) < 0 ? -errno : prepare_both(fds);
}

#endif

/*
 * O_NONBLOCK belongs to the open file description, which others may share: a child that got the
 * listener may have cleared it, and a parent may need it clear. So each accept looks at the flag,
 * and restores it afterwards.
 */
int bp_descriptor_accept(int listener, int *fd) {
  const int flags = fcntl(listener, F_GETFL);
  if (flags < 0) {
    return -errno;
  }
  if (flags & O_NONBLOCK) {
    return accept_one(listener, fd);
  }
  if (fcntl(listener, F_SETFL, flags | O_NONBLOCK) < 0) {
    return -errno;
  }
  const int error = accept_one(listener, fd);
  (void)fcntl(listener, F_SETFL, flags);
  return error;
}
