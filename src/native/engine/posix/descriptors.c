/* Passing descriptors over local streams. */
#include "connecting.h"
#include "descriptor.h"
#include "kind.h"
#include "state.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif
#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0
#endif

/* The union aligns the bytes as the system wants its control messages. */
union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int) * BP_MAX_DESCRIPTORS)];
};

/* Whether the same call would fail again. That says nothing of bytes without descriptors. */
static bool is_lasting(int error) {
  return error != EAGAIN && error != EWOULDBLOCK && !bp_is_passing(-error);
}

int64_t bp_socket_send_descriptors(struct bp_socket *socket, const void *bytes, size_t length,
                                   const int *fds, size_t count) {
  union control control;
  if (count > BP_MAX_DESCRIPTORS || length == 0 || socket->ops != &bp_local_stream) {
    return -EINVAL;
  }
  if (count == 0) {
    return bp_socket_write(socket, bytes, length);
  }
  const int refusal = bp_socket_refusal(socket);
  if (refusal) {
    return refusal < 0 ? refusal : 0;
  }
  struct iovec piece = {.iov_base = (void *)bytes, .iov_len = length < INT_MAX ? length : INT_MAX};
  struct msghdr message = {.msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = (socklen_t)CMSG_SPACE(sizeof(int) * count)};
  memset(&control, 0, sizeof control);
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = (socklen_t)CMSG_LEN(sizeof(int) * count);
  memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
  ssize_t taken = 0;
  do {
    taken = sendmsg(socket->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (taken < 0 && errno == EINTR);
  return taken < 0 && is_lasting(errno) ? -errno
                                        : bp_state_written(socket, taken < 0 ? -errno : taken);
}

static size_t collect(struct msghdr *message, int *fds) {
  size_t count = 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    /* A truncated message may claim more than there is room for. */
    const size_t room = sizeof(int) * (BP_MAX_DESCRIPTORS - count);
    const size_t claimed = header->cmsg_len - CMSG_LEN(0);
    const size_t size = claimed < room ? claimed : room;
    memcpy(fds + count, CMSG_DATA(header), size);
    count += size / sizeof(int);
  }
  return count;
}

static void close_all(const int *fds, size_t count) {
  for (size_t i = 0; i < count; i++) {
    close(fds[i]);
  }
}

int64_t bp_socket_receive_descriptors(struct bp_socket *socket, void *bytes, size_t length,
                                      int *fds, size_t *count) {
  union control control;
  int received[BP_MAX_DESCRIPTORS];
  const size_t room = *count;
  *count = 0;
  if (length == 0 || socket->ops != &bp_local_stream) {
    return -EINVAL;
  }
  const int refusal = bp_socket_refusal(socket);
  if (refusal) {
    return refusal < 0 ? refusal : 0;
  }
  if (socket->given_back) {
    return (int64_t)bp_state_take_back(socket, bytes, length, false);
  }
  if (socket->read_error) {
    return socket->read_error;
  }
  struct iovec piece = {.iov_base = bytes, .iov_len = length < INT_MAX ? length : INT_MAX};
  struct msghdr message = {.msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  ssize_t got = 0;
  do {
    got = recvmsg(socket->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return is_lasting(errno) ? -errno : bp_state_read(socket, length, -errno);
  }
  const size_t came = collect(&message, received);
  if (message.msg_flags & MSG_CTRUNC || came > room) {
    close_all(received, came);
    return -EMSGSIZE;
  }
  for (size_t i = 0; i < came; i++) {
    (void)bp_descriptor_set_close_on_exec(received[i]); /* where MSG_CMSG_CLOEXEC is missing */
    fds[i] = received[i];
  }
  *count = came;
  return bp_state_read(socket, length, got);
}
