/*
 * Whatever comes with a message, such as descriptors, names and numbers of drops, is told within
 * its limits, and no descriptor stays open that nobody was given. The system calls that receive are
 * made up from the bytes.
 */
#include "engine.h"
#include "require.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGES 4
#define CAPACITY 16
#define MOST_PASSED 512

ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags);
int __wrap_recvmmsg(int fd, struct mmsghdr *headers, unsigned count, int flags,
                    struct timespec *timeout);

/* ---- The bytes that all is made from ---- */

static const uint8_t *next_byte;
static size_t bytes_left;

static unsigned take(unsigned limit) {
  if (bytes_left == 0) {
    return 0;
  }
  bytes_left--;
  return *next_byte++ % limit;
}

static void take_into(void *out, size_t length) {
  const size_t size = length < bytes_left ? length : bytes_left;
  memset(out, 0, length);
  memcpy(out, next_byte, size);
  next_byte += size;
  bytes_left -= size;
}

/* ---- What the system gives ---- */

static int passed[MOST_PASSED];
static size_t passed_count;

static void pass_descriptors(unsigned char *out, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0 && passed_count < MOST_PASSED);
    passed[passed_count++] = fd;
    memcpy(out + i * sizeof fd, &fd, sizeof fd);
  }
}

/* One control message, if there is room. Returns how many bytes it takes. */
static size_t add_control(struct msghdr *header, unsigned char *out, size_t room) {
  static const int types[] = {SCM_RIGHTS, SCM_CREDENTIALS, SO_RXQ_OVFL, SO_TIMESTAMP};
  const int type = types[take(sizeof types / sizeof types[0])];
  const size_t wanted = type == SCM_RIGHTS ? sizeof(int) * take(80) : take(24);
  if (room < CMSG_LEN(0)) {
    header->msg_flags |= MSG_CTRUNC;
    return 0;
  }
  size_t size = wanted < room - CMSG_LEN(0) ? wanted : room - CMSG_LEN(0);
  header->msg_flags |= size < wanted ? MSG_CTRUNC : 0;
  struct cmsghdr control = {
      .cmsg_level = SOL_SOCKET, .cmsg_type = type, .cmsg_len = CMSG_LEN(size)};
  memcpy(out, &control, sizeof control);
  if (type == SCM_RIGHTS) {
    pass_descriptors(out + CMSG_LEN(0), size / sizeof(int));
  } else {
    take_into(out + CMSG_LEN(0), size);
  }
  return CMSG_SPACE(size) < room ? CMSG_SPACE(size) : room;
}

static void make_name(int fd, struct msghdr *header) {
  struct sockaddr_storage own;
  socklen_t length = sizeof own;
  REQUIRE(getsockname(fd, (struct sockaddr *)&own, &length) == 0);
  struct sockaddr_storage name;
  take_into(&name, sizeof name);
  name.ss_family = own.ss_family;
  header->msg_namelen = own.ss_family == AF_UNIX    ? take(sizeof(struct sockaddr_un) + 1)
                        : own.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                    : sizeof(struct sockaddr_in);
  memcpy(header->msg_name, &name, header->msg_namelen);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags) {
  (void)flags;
  if (take(16) == 1) {
    errno = take(2) ? EAGAIN : ENOBUFS;
    return -1;
  }
  unsigned char *control = header->msg_control;
  size_t used = 0;
  header->msg_flags = take(2) ? MSG_TRUNC : 0;
  for (unsigned count = take(4); count > 0; count--) {
    used += add_control(header, control + used, header->msg_controllen - used);
  }
  header->msg_controllen = used;
  if (header->msg_name) {
    make_name(fd, header);
  }
  const size_t length = take(CAPACITY + 1);
  take_into(header->msg_iov->iov_base, length);
  return (ssize_t)length;
}

int __wrap_recvmmsg(int fd, struct mmsghdr *headers, unsigned count, int flags,
                    struct timespec *timeout) {
  (void)timeout;
  const unsigned came = 1 + take(count);
  for (unsigned i = 0; i < came; i++) {
    const ssize_t got = __wrap_recvmsg(fd, &headers[i].msg_hdr, flags);
    if (got < 0) {
      return i ? (int)i : -1;
    }
    headers[i].msg_len = (unsigned)got;
  }
  return (int)came;
}

/* ---- What is told of it ---- */

static bool is_passed(int fd) {
  for (size_t i = 0; i < passed_count; i++) {
    if (passed[i] == fd) {
      return true;
    }
  }
  return false;
}

static void receive_descriptors(void) {
  struct bp_socket *pair[2];
  unsigned char bytes[CAPACITY];
  int fds[BP_MAX_DESCRIPTORS];
  size_t count = take(BP_MAX_DESCRIPTORS + 1);
  const size_t room = count;
  REQUIRE(bp_socket_pair(pair) == 0);
  const int64_t got = bp_socket_receive_descriptors(pair[0], bytes, sizeof bytes, fds, &count);
  REQUIRE(got <= CAPACITY && count <= room);
  for (size_t i = 0; i < count; i++) {
    REQUIRE(is_passed(fds[i]) && close(fds[i]) == 0);
  }
  for (size_t i = 0; i < passed_count; i++) {
    REQUIRE(fcntl(passed[i], F_GETFD) < 0);
  }
  bp_socket_close(pair[0]);
  bp_socket_close(pair[1]);
}

static void check_sender(const struct bp_endpoint *from, bool is_local) {
  if (is_local) {
    REQUIRE(from->path_length <= sizeof from->path);
    REQUIRE(!from->path_length || from->path[0] == '\0' ||
            !memchr(from->path, '\0', from->path_length));
  } else {
    REQUIRE(bp_address_family(from->address.host) != 0);
  }
}

static void receive_messages(struct bp_socket *socket, bool is_local) {
  unsigned char bytes[MESSAGES][CAPACITY];
  struct bp_message messages[MESSAGES];
  const size_t count = 1 + take(MESSAGES);
  memset(messages, 0, sizeof messages);
  for (size_t i = 0; i < count; i++) {
    messages[i].bytes = bytes[i];
    messages[i].capacity_bytes = CAPACITY;
  }
  const int got = bp_socket_receive(socket, messages, count);
  REQUIRE(got <= (int)count);
  for (int i = 0; i < got; i++) {
    REQUIRE(messages[i].length <= CAPACITY);
    check_sender(&messages[i].from, is_local);
  }
  bp_socket_close(socket);
  for (size_t i = 0; i < passed_count; i++) {
    close(passed[i]); /* the system does so with those for which there is no room */
  }
}

static void receive_from_udp(const char *host) {
  const struct bp_udp_options options = {.host = host};
  struct bp_socket *socket = NULL;
  if (bp_open_udp(&options, &socket) == 0) { /* IPv6 is not everywhere */
    receive_messages(socket, false);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bp_socket *socket = NULL;
  next_byte = data;
  bytes_left = size;
  passed_count = 0;
  switch (take(4)) {
  case 0:
    receive_from_udp("127.0.0.1");
    break;
  case 1:
    receive_from_udp("::1");
    break;
  case 2:
    REQUIRE(bp_open_local_datagram(NULL, NULL, 0, &socket) == 0);
    receive_messages(socket, true);
    break;
  default:
    receive_descriptors();
  }
  return 0;
}
