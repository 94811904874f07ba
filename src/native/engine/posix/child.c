/*
 * Children of this process. Their parent, mostly libuv, waits for them. Here we only look at how a
 * child exited (WNOWAIT), which takes nothing away from the parent.
 */
#include "descriptor.h"
#include "exit_descriptor.h"
#include "kind.h"
#include "readiness.h"

#include <errno.h>

struct child {
  struct bp_socket socket; /* first; it has no descriptor if the child had exited before */
  pid_t pid;
  int outcome; /* as bp_child_exit returns it */
  struct bp_exit exit;
};

/* Asks how the child exited, unless that is known. Returns the outcome. */
static int look(struct child *child, int fd, int options) {
  siginfo_t info = {0};
  if (child->outcome != -EAGAIN) {
    return child->outcome;
  }
  if (bp_exit_descriptor_wait(fd, child->pid, &info, WEXITED | WNOWAIT | options) < 0) {
    child->outcome = -errno;
  } else if (info.si_pid != 0) {
    const bool has_code = info.si_code == CLD_EXITED;
    child->outcome = 0;
    child->exit.code = has_code ? info.si_status : -1;
    child->exit.signal = has_code ? 0 : info.si_status;
  }
  return child->outcome;
}

int bp_watch_child(int64_t pid, struct bp_socket **out) {
  struct child found = {.pid = (pid_t)pid, .outcome = -EAGAIN};
  int fd = -1;
  int error = look(&found, fd, WNOHANG);
  if (error == -EAGAIN) {
    error = bp_exit_descriptor_open(found.pid, &fd);
    if (error == -ESRCH) {
      error = look(&found, fd, 0); /* it is just exiting: this does not take long */
    }
  }
  if (!error) {
    error = bp_socket_new(&bp_child, BP_STATE_CONNECTED, fd, NULL, 0, out);
  }
  if (error) {
    if (fd >= 0) {
      bp_descriptor_close(fd);
    }
    return error;
  }
  struct child *child = (struct child *)*out;
  found.socket = child->socket;
  *child = found;
  return 0;
}

int bp_child_exit(struct bp_socket *socket, struct bp_exit *out) {
  if (socket->ops != &bp_child) {
    return -EINVAL;
  }
  struct child *child = (struct child *)socket;
  const int outcome = look(child, socket->fd, WNOHANG);
  *out = child->exit;
  return outcome;
}

static void child_close(struct bp_socket *socket) {
  if (socket->fd >= 0) {
    bp_descriptor_close(socket->fd);
  }
}

static unsigned child_interest(const struct bp_socket *socket, unsigned events) {
  (void)events;
  return socket->fd < 0 ? 0 : BP_READINESS_READ;
}

static bp_deadline_ns child_ask_at(const struct bp_socket *socket, unsigned events) {
  (void)events;
  return socket->fd < 0 ? BP_AT_ONCE : BP_FOREVER;
}

static unsigned child_holds(struct bp_socket *socket, unsigned events, unsigned readiness) {
  const bool may_have = readiness || socket->fd < 0;
  return may_have && look((struct child *)socket, socket->fd, WNOHANG) != -EAGAIN ? events : 0;
}

const struct bp_kind_ops bp_child = {
    .kind = BP_KIND_CHILD,
    .size = sizeof(struct child),
    .events = BP_EVENT_EXITED,
    .close = child_close,
    .interest = child_interest,
    .ask_at = child_ask_at,
    .holds = child_holds,
    .hides_descriptor = true,
};
