/* Descriptors from elsewhere that are read and written as a file is: pipes, terminals, files. */
#include "raw_descriptor.h"

#include "descriptor.h"
#include "fd_socket.h"
#include "kind.h"
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct raw_descriptor {
  struct bp_socket socket; /* first */
  bool is_always_ready;    /* a regular file, or a device such as /dev/null: no epoll takes it */
  bool may_block;          /* its flags are not ours to set, as others share them */
};

static struct raw_descriptor *raw_of(struct bp_socket *socket) {
  return (struct raw_descriptor *)socket;
}

static bool is_always_ready(const struct bp_socket *socket) {
  return ((const struct raw_descriptor *)socket)->is_always_ready;
}

static int raw_adopt(int fd, struct bp_socket **out) {
  struct stat status;
  if (fstat(fd, &status) < 0) {
    return -errno;
  }
  const int error = bp_socket_new(&bp_raw_descriptor, BP_CONNECTED, fd, NULL, 0, out);
  if (!error) {
    raw_of(*out)->is_always_ready = S_ISREG(status.st_mode);
    raw_of(*out)->may_block = !(fcntl(fd, F_GETFL) & O_NONBLOCK);
  }
  return error;
}

static void raw_close(struct bp_socket *socket) {
  /* The standard streams are not ours alone: their numbers must not be given to the next file. */
  if (socket->fd > STDERR_FILENO) {
    bp_descriptor_close(socket->fd);
  }
}

/* ---- Readiness ---- */

static unsigned raw_interest(const struct bp_socket *socket, unsigned events) {
  if (is_always_ready(socket)) {
    return 0;
  }
  return (events & BP_READABLE ? BP_READ : 0U) | (events & BP_WRITABLE ? BP_WRITE : 0U) |
         (events & BP_HANGUP ? BP_PEER_CLOSED : 0U);
}

static bp_deadline_ns raw_ask_at(const struct bp_socket *socket, unsigned events) {
  const bool is_known =
      is_always_ready(socket) || (socket->is_write_broken && events & BP_WRITABLE);
  return is_known ? BP_AT_ONCE : BP_FOREVER;
}

static unsigned raw_holds(struct bp_socket *socket, unsigned events, unsigned readiness) {
  if (is_always_ready(socket)) {
    return events & (BP_READABLE | BP_WRITABLE);
  }
  /* After a hang-up neither reading nor writing blocks: they give the end, or the error. */
  const unsigned over = readiness & (BP_HUNG_UP | BP_ERROR);
  return events & ((over || readiness & BP_READ ? BP_READABLE : 0U) |
                   (over || readiness & BP_WRITE ? BP_WRITABLE : 0U) |
                   (over || readiness & BP_PEER_CLOSED ? BP_HANGUP : 0U));
}

static void raw_note_unwatchable(struct bp_socket *socket) {
  raw_of(socket)->is_always_ready = true;
}

/* ---- Bytes ---- */

static bool may_block(struct bp_socket *socket) {
  return raw_of(socket)->may_block && !is_always_ready(socket);
}

/* Whether a call for this could block now: then it must not be made. */
static bool would_block(struct bp_socket *socket, unsigned interest) {
  return may_block(socket) &&
         !(bp_socket_probe(socket, interest) & (interest | BP_HUNG_UP | BP_ERROR));
}

static int64_t raw_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  if (peek) {
    return -ENOTSOCK;
  }
  if (would_block(socket, BP_READ)) {
    return -EAGAIN;
  }
  const ssize_t got = read(socket->fd, bytes, length);
  return got < 0 ? -errno : got;
}

static int64_t raw_write(struct bp_socket *socket, const void *bytes, size_t length) {
  if (would_block(socket, BP_WRITE)) {
    return -EAGAIN;
  }
  if (may_block(socket) && length > PIPE_BUF) {
    length = PIPE_BUF; /* that much a pipe that is ready takes without blocking; more might */
  }
  const ssize_t taken = write(socket->fd, bytes, length);
  return taken < 0 ? -errno : taken;
}

static int64_t raw_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count) {
  struct iovec vector[BP_MAX_PIECES];
  if (may_block(socket)) {
    return raw_write(socket, pieces[0].bytes, pieces[0].length);
  }
  for (size_t i = 0; i < count; i++) {
    vector[i] = (struct iovec){.iov_base = (void *)pieces[i].bytes, .iov_len = pieces[i].length};
  }
  const ssize_t taken = writev(socket->fd, vector, (int)count);
  return taken < 0 ? -errno : taken;
}

const struct bp_kind_ops bp_raw_descriptor = {
    .kind = BP_DESCRIPTOR,
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
