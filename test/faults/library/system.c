/* The calls of the system, and threads. */
#include "faults.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* A function that returns -1 when it fails. */
#define WRAP(call, name, parameters, arguments)                                                    \
  WRAPPER int name parameters {                                                                    \
    return FAULT(call) ? -1 : NEXT(name) arguments;                                                \
  }

/* ---- Sockets ---- */

WRAP(ACCEPT4, accept4, (int fd, struct sockaddr *address, socklen_t *length, int flags),
     (fd, address, length, flags))
WRAP(BIND, bind, (int fd, const struct sockaddr *address, socklen_t length), (fd, address, length))
WRAP(CONNECT, connect, (int fd, const struct sockaddr *address, socklen_t length),
     (fd, address, length))
WRAP(GETPEERNAME, getpeername, (int fd, struct sockaddr *address, socklen_t *length),
     (fd, address, length))
WRAP(GETSOCKNAME, getsockname, (int fd, struct sockaddr *address, socklen_t *length),
     (fd, address, length))
WRAP(GETSOCKOPT, getsockopt, (int fd, int level, int option, void *value, socklen_t *length),
     (fd, level, option, value, length))
WRAP(LISTEN, listen, (int fd, int backlog), (fd, backlog))
WRAP(SETSOCKOPT, setsockopt, (int fd, int level, int option, const void *value, socklen_t length),
     (fd, level, option, value, length))
WRAP(SHUTDOWN, shutdown, (int fd, int how), (fd, how))
WRAP(SOCKET, socket, (int family, int type, int protocol), (family, type, protocol))
WRAP(SOCKETPAIR, socketpair, (int family, int type, int protocol, int fds[2]),
     (family, type, protocol, fds))

/* ---- io_uring, which the C library has no functions for ---- */

static enum call call_of(long number) {
  switch (number) {
  case SYS_io_uring_setup:
    return IO_URING_SETUP;
  case SYS_io_uring_enter:
    return IO_URING_ENTER;
  case SYS_io_uring_register:
    return IO_URING_REGISTER;
  default:
    return NO_CALL;
  }
}

WRAPPER long syscall(long number, ...) {
  long each[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i++) {
    each[i] = va_arg(list, long);
  }
  va_end(list);
  const enum call call = call_of(number);
  return call != NO_CALL && FAULT(call)
             ? -1
             : NEXT(syscall)(number, each[0], each[1], each[2], each[3], each[4], each[5]);
}

/* ---- Bytes ---- */

/* A function that transfers bytes: at most one of them if it is to be short. */
#define WRAP_TRANSFER(call, name, parameters, arguments)                                           \
  WRAPPER ssize_t name parameters {                                                                \
    const enum fault fault = FAULT(call);                                                          \
    if (fault == SHORT_COUNT && length > 1) {                                                      \
      length = 1;                                                                                  \
    }                                                                                              \
    return fault == FAILURE ? -1 : NEXT(name) arguments;                                           \
  }

WRAP_TRANSFER(READ, read, (int fd, void *bytes, size_t length), (fd, bytes, length))
WRAP_TRANSFER(RECV, recv, (int fd, void *bytes, size_t length, int flags),
              (fd, bytes, length, flags))
WRAP_TRANSFER(SEND, send, (int fd, const void *bytes, size_t length, int flags),
              (fd, bytes, length, flags))
WRAP_TRANSFER(WRITE, write, (int fd, const void *bytes, size_t length), (fd, bytes, length))

static struct iovec first_byte(const struct iovec *pieces) {
  return (struct iovec){.iov_base = pieces->iov_base, .iov_len = pieces->iov_len ? 1 : 0};
}

WRAPPER ssize_t writev(int fd, const struct iovec *pieces, int count) {
  const enum fault fault = FAULT(WRITEV);
  struct iovec byte;
  if (fault == SHORT_COUNT) {
    byte = first_byte(pieces);
    pieces = &byte;
    count = 1;
  }
  return fault == FAILURE ? -1 : NEXT(writev)(fd, pieces, count);
}

WRAPPER ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  const enum fault fault = FAULT(SENDMSG);
  struct msghdr sent = *message;
  struct iovec byte;
  if (fault == SHORT_COUNT) {
    byte = first_byte(message->msg_iov);
    sent.msg_iov = &byte;
    sent.msg_iovlen = 1;
  }
  return fault == FAILURE ? -1 : NEXT(sendmsg)(fd, &sent, flags);
}

WRAPPER ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
  const enum fault fault = FAULT(RECVMSG);
  if (fault == SHORT_COUNT && message->msg_iov->iov_len > 1) {
    message->msg_iov->iov_len = 1;
  }
  return fault == FAILURE ? -1 : NEXT(recvmsg)(fd, message, flags);
}

/* ---- Messages: one call has fewer of them if it is to be short ---- */

WRAPPER ssize_t sendto(int fd, const void *bytes, size_t length, int flags,
                       const struct sockaddr *to, socklen_t to_length) {
  return FAULT(SENDTO) ? -1 : NEXT(sendto)(fd, bytes, length, flags, to, to_length);
}

WRAPPER int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
  const enum fault fault = FAULT(SENDMMSG);
  return fault == FAILURE ? -1 : NEXT(sendmmsg)(fd, messages, fault ? 1 : count, flags);
}

WRAPPER int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
                     struct timespec *timeout) {
  const enum fault fault = FAULT(RECVMMSG);
  return fault == FAILURE ? -1 : NEXT(recvmmsg)(fd, messages, fault ? 1 : count, flags, timeout);
}

/* ---- Waiting ---- */

WRAP(EPOLL_CREATE1, epoll_create1, (int flags), (flags))
WRAP(EPOLL_WAIT, epoll_wait,
     (int epoll_fd, struct epoll_event *events, int capacity, int timeout_ms),
     (epoll_fd, events, capacity, timeout_ms))
WRAP(EVENTFD, eventfd, (unsigned count, int flags), (count, flags))
WRAP(PIPE2, pipe2, (int fds[2], int flags), (fds, flags))
WRAP(POLL, poll, (struct pollfd * entries, nfds_t count, int timeout_ms),
     (entries, count, timeout_ms))

WRAPPER int epoll_ctl(int epoll_fd, int change, int fd, struct epoll_event *event) {
  const enum call call = change == EPOLL_CTL_ADD   ? EPOLL_ADD
                         : change == EPOLL_CTL_MOD ? EPOLL_MOD
                                                   : EPOLL_DEL;
  return FAULT(call) ? -1 : NEXT(epoll_ctl)(epoll_fd, change, fd, event);
}

/* ---- Files and descriptors ---- */

WRAP(CHMOD, chmod, (const char *path, mode_t mode), (path, mode))
WRAP(FCHMOD, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(FLOCK, flock, (int fd, int operation), (fd, operation))
WRAP(FSTAT, fstat, (int fd, struct stat *status), (fd, status))
WRAP(LSTAT, lstat, (const char *path, struct stat *status), (path, status))
WRAP(UNLINK, unlink, (const char *path), (path))

/* Closes all the same, as Linux does whatever it returns. */
WRAPPER int close(int fd) {
  const enum fault fault = FAULT(CLOSE);
  const int why = errno;
  const int result = NEXT(close)(fd);
  if (fault) {
    errno = why;
  }
  return fault ? -1 : result;
}

WRAPPER char *realpath(const char *path, char *resolved) {
  return FAULT(REALPATH) ? NULL : NEXT(realpath)(path, resolved);
}

/* The argument that some of the operations have. */
#define LAST_ARGUMENT(before, value)                                                               \
  do {                                                                                             \
    va_list list;                                                                                  \
    va_start(list, before);                                                                        \
    (value) = va_arg(list, long);                                                                  \
    va_end(list);                                                                                  \
  } while (0)

WRAPPER int fcntl(int fd, int operation, ...) {
  long argument = 0;
  LAST_ARGUMENT(operation, argument);
  return FAULT(FCNTL) ? -1 : NEXT(fcntl)(fd, operation, argument);
}

WRAPPER int ioctl(int fd, unsigned long operation, ...) {
  long argument = 0;
  LAST_ARGUMENT(operation, argument);
  return FAULT(IOCTL) ? -1 : NEXT(ioctl)(fd, operation, argument);
}

WRAPPER int open(const char *path, int flags, ...) {
  long mode = 0;
  LAST_ARGUMENT(flags, mode);
  return FAULT(OPEN) ? -1 : NEXT(open)(path, flags, (mode_t)mode);
}

/* ---- Threads ---- */

/* Where the addon has called, perhaps through the library of C++; NULL: it has not. */
static const void *place_in_addon(void) {
  void *frames[6];
  const int count = backtrace(frames, (int)(sizeof frames / sizeof *frames));
  for (int i = 0; i < count; i++) {
    if (bp_is_in_addon(frames[i])) {
      return frames[i];
    }
  }
  return NULL;
}

WRAPPER int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                           void *(*run)(void *argument), void *argument) {
  const bool has_failed = bp_fault_of(PTHREAD_CREATE, place_in_addon());
  return has_failed ? errno : NEXT(pthread_create)(thread, attributes, run, argument);
}

/* ---- Names ---- */

/* With `EAGAIN` it hangs first, until another call is to fail, as where a name server is silent. */
WRAPPER int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                        struct addrinfo **found) {
  if (!FAULT(GETADDRINFO)) {
    return NEXT(getaddrinfo)(host, service, hints, found);
  }
  if (errno != EAGAIN) {
    return EAI_SYSTEM;
  }
  while (bp_fault_is_armed(GETADDRINFO)) {
    (void)usleep(1000);
  }
  return EAI_AGAIN;
}
