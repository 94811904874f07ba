/* Descriptors from elsewhere that are no stream sockets: pipes, terminals, files, datagrams. */
#include "raw_descriptor.h"

#include "descriptor.h"
#include "fd_socket.h"
#include "kind.h"
#include "own_description.h"
#include "probe.h"
#include "quiet_write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct raw_descriptor {
  struct bp_socket socket; /* first */
  int own_fd;           /* of an open file description of our own, for reading and writing; or -1 */
  bool is_always_ready; /* a regular file, or a device such as /dev/null: no epoll takes it */
  bool is_socket;       /* each call can be told not to wait */
  bool has_datagrams;   /* an empty one is possible, and is not the end */
  bool may_block;       /* its flags are not ours to set, as others share them */
  size_t safe_length;   /* where a write may block: as much as it takes without waiting */
};

static struct raw_descriptor *raw_of(struct bp_socket *socket) {
  return (struct raw_descriptor *)socket;
}

static bool is_always_ready(const struct bp_socket *socket) {
  return ((const struct raw_descriptor *)socket)->is_always_ready;
}

static bool has_datagrams(int fd) {
  int type = 0;
  socklen_t length = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
         (type == SOCK_DGRAM || type == SOCK_RAW);
}

static void look_at(struct raw_descriptor *raw, const struct stat *status) {
  const int fd = raw->socket.fd;
  const bool is_terminal = isatty(fd);
  raw->is_always_ready = S_ISREG(status->st_mode) || S_ISDIR(status->st_mode);
  raw->is_socket = S_ISSOCK(status->st_mode);
  raw->has_datagrams = raw->is_socket && has_datagrams(fd);
  raw->own_fd = is_terminal || S_ISFIFO(status->st_mode) ? bp_own_description(fd) : -1;
  raw->may_block = raw->own_fd < 0 && !raw->is_socket && !(fcntl(fd, F_GETFL) & O_NONBLOCK);
  /* A terminal that is ready has room for little, a pipe for this much. */
  raw->safe_length = is_terminal ? 1 : PIPE_BUF;
}

static int raw_adopt(int fd, struct bp_socket **out) {
  struct stat status;
  if (fstat(fd, &status) < 0) {
    return -errno;
  }
  const int error = bp_socket_new(&bp_raw_descriptor, BP_STATE_CONNECTED, fd, NULL, 0, out);
  if (!error) {
    look_at(raw_of(*out), &status);
  }
  return error;
}

static void raw_close(struct bp_socket *socket) {
  if (raw_of(socket)->own_fd >= 0) {
    bp_descriptor_close(raw_of(socket)->own_fd);
  }
  bp_fd_close(socket);
}

/* ---- Readiness ---- */

static unsigned raw_interest(const struct bp_socket *socket, unsigned events) {
  if (is_always_ready(socket)) {
    return 0;
  }
  return (events & BP_EVENT_READABLE ? BP_READINESS_READ : 0U) |
         (events & BP_EVENT_WRITABLE ? BP_READINESS_WRITE : 0U) |
         (events & BP_EVENT_HANGUP ? BP_READINESS_PEER_CLOSED : 0U);
}

static bp_deadline_ns raw_ask_at(const struct bp_socket *socket, unsigned events) {
  const bool is_known = is_always_ready(socket) ||
                        (socket->holds_unread && events & BP_EVENT_READABLE) ||
                        (socket->is_write_broken && events & BP_EVENT_WRITABLE);
  return is_known ? BP_AT_ONCE : BP_FOREVER;
}

static unsigned raw_holds(struct bp_socket *socket, unsigned events, unsigned readiness) {
  if (is_always_ready(socket)) {
    return events & (BP_EVENT_READABLE | BP_EVENT_WRITABLE);
  }
  /* After a hang-up neither reading nor writing blocks: they give the end, or the error. */
  const unsigned over = readiness & (BP_READINESS_HUNG_UP | BP_READINESS_ERROR);
  const bool is_readable = over || readiness & BP_READINESS_READ || socket->holds_unread;
  return events & ((is_readable ? BP_EVENT_READABLE : 0U) |
                   (over || readiness & BP_READINESS_WRITE ? BP_EVENT_WRITABLE : 0U) |
                   (over || readiness & BP_READINESS_PEER_CLOSED ? BP_EVENT_HANGUP : 0U));
}

static void raw_note_unwatchable(struct bp_socket *socket) {
  raw_of(socket)->is_always_ready = true;
}

/* ---- Bytes ---- */

static int fd_of(struct bp_socket *socket) {
  return raw_of(socket)->own_fd >= 0 ? raw_of(socket)->own_fd : socket->fd;
}

static bool may_block(struct bp_socket *socket) {
  return raw_of(socket)->may_block && !is_always_ready(socket);
}

/* Whether a call could block now; then it must not be made. */
static bool would_block(struct bp_socket *socket, unsigned interest) {
  return may_block(socket) && !(bp_socket_probe(socket, interest) &
                                (interest | BP_READINESS_HUNG_UP | BP_READINESS_ERROR));
}

static int64_t receive(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  const int64_t got = bp_fd_read(socket, bytes, length, peek);
  return got == 0 && raw_of(socket)->has_datagrams ? -EAGAIN : got;
}

/* Bytes cannot be looked at, but counted, and the end is where there are none. A terminal that has
 * hung up answers each question by EIO, and each read by the end. */
static int64_t look_ahead(struct bp_socket *socket) {
  int unread = 0;
  const unsigned readiness = bp_socket_probe(socket, BP_READINESS_READ);
  if (!(readiness & (BP_READINESS_READ | BP_READINESS_HUNG_UP))) {
    return -EAGAIN;
  }
  if (ioctl(socket->fd, FIONREAD, &unread) < 0) {
    return errno == EIO ? 0 : -ENOTSOCK;
  }
  return unread == 0 ? 0 : -ENOTSOCK;
}

/* The last program on a terminal has closed it: Linux tells its master so by an error. */
static bool is_end_of_terminal(int fd, int error) {
  return error == EIO && bp_is_terminal_master(fd);
}

static int64_t raw_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  if (raw_of(socket)->is_socket) {
    return receive(socket, bytes, length, peek);
  }
  if (peek) {
    return look_ahead(socket);
  }
  if (would_block(socket, BP_READINESS_READ)) {
    return -EAGAIN;
  }
  const ssize_t got = read(fd_of(socket), bytes, length);
  if (got >= 0) {
    return got;
  }
  return is_end_of_terminal(socket->fd, errno) ? 0 : -errno;
}

/* Where a write could block: in steps that never do, and not for long. */
static int64_t write_in_steps(struct bp_socket *socket, const uint8_t *bytes, size_t length) {
  const size_t safe_length = raw_of(socket)->safe_length;
  const size_t limit = length < PIPE_BUF ? length : PIPE_BUF;
  size_t total = 0;
  while (total < limit) {
    const size_t left = limit - total;
    const struct iovec step = {.iov_base = (void *)(bytes + total),
                               .iov_len = left < safe_length ? left : safe_length};
    if (would_block(socket, BP_READINESS_WRITE)) {
      return total > 0 ? (int64_t)total : -EAGAIN;
    }
    const ssize_t taken = bp_quiet_writev(fd_of(socket), &step, 1);
    if (taken < 0) {
      return total > 0 ? (int64_t)total : -errno;
    }
    total += (size_t)taken;
  }
  return (int64_t)total;
}

static int64_t raw_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count) {
  struct iovec vector[BP_MAX_PIECES];
  if (raw_of(socket)->is_socket) {
    return bp_fd_writev(socket, pieces, count);
  }
  if (may_block(socket)) {
    return write_in_steps(socket, pieces[0].bytes, pieces[0].length);
  }
  for (size_t i = 0; i < count; i++) {
    vector[i] = (struct iovec){.iov_base = (void *)pieces[i].bytes, .iov_len = pieces[i].length};
  }
  const ssize_t taken = bp_quiet_writev(fd_of(socket), vector, (int)count);
  return taken < 0 ? -errno : taken;
}

static int64_t raw_write(struct bp_socket *socket, const void *bytes, size_t length) {
  const struct bp_bytes piece = {.bytes = bytes, .length = length};
  return raw_writev(socket, &piece, 1);
}

const struct bp_kind_ops bp_raw_descriptor = {
    .kind = BP_KIND_DESCRIPTOR,
    .size = sizeof(struct raw_descriptor),
    .events = BP_RAW_DESCRIPTOR_EVENTS,
    .adopt = raw_adopt,
    .close = raw_close,
    .interest = raw_interest,
    .ask_at = raw_ask_at,
    .holds = raw_holds,
    .note_unwatchable = raw_note_unwatchable,
    .read = raw_read,
    .write = raw_write,
    .writev = raw_writev,
    .has_half_close = true,
    .end = bp_fd_end, /* -ENOTSOCK, unless it is a socket after all */
};
