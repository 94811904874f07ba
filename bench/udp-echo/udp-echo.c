/* Both ends of the UDP echo in C: `udp-echo serve` is the floor that the servers are measured
 * against, an epoll loop over recvmmsg(2) and sendmmsg(2) that does nothing else; `udp-echo load
 * PORT CLIENTS WINDOW SIZE COUNT` sends COUNT messages over as many sockets, each of which has at
 * most WINDOW of them on their way. A message that is lost is not sent again: after a quiet moment
 * new ones take the place of those. */
#include "../peer.h"

#include <sys/epoll.h>

enum { BATCH = 64, SLOT = 65535, QUIET_MS = 100, RECEIVE_BUFFER = 4 * 1024 * 1024 };

static char memory[BATCH][SLOT];
static struct sockaddr_storage addresses[BATCH];
static struct iovec pieces[BATCH];
static struct mmsghdr headers[BATCH];

static struct sockaddr_in loopback(uint16_t port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int open_socket(void) {
  const int bytes = RECEIVE_BUFFER;
  const int fd = check(socket(AF_INET, SOCK_DGRAM, 0), "socket");
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  return fd;
}

static void watch(int epoll, int fd, uint64_t data) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = data};
  check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

static void prepare(size_t i) {
  pieces[i] = (struct iovec){.iov_base = memory[i], .iov_len = SLOT};
  headers[i].msg_hdr = (struct msghdr){.msg_name = &addresses[i],
                                       .msg_namelen = sizeof addresses[i],
                                       .msg_iov = &pieces[i],
                                       .msg_iovlen = 1};
}

static void serve(void) {
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  const int fd = open_socket();
  check(bind(fd, (const struct sockaddr *)&address, sizeof address), "bind");
  check(getsockname(fd, (struct sockaddr *)&address, &length), "getsockname");
  signal(SIGUSR2, report);
  const int epoll = epoll_create1(0);
  watch(epoll, fd, 0);
  printf("%u\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    struct epoll_event event;
    if (epoll_wait(epoll, &event, 1, -1) < 1) {
      continue;
    }
    for (size_t i = 0; i < BATCH; i++) {
      prepare(i);
    }
    const int got = recvmmsg(fd, headers, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++) {
      pieces[i].iov_len = headers[i].msg_len;
    }
    if (got > 0) {
      (void)sendmmsg(fd, headers, (unsigned)got, MSG_DONTWAIT);
    }
  }
}

static void send_many(int fd, size_t size, size_t count) {
  for (size_t i = 0; i < count; i++) {
    pieces[i] = (struct iovec){.iov_base = memory[i], .iov_len = size};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
  }
  (void)sendmmsg(fd, headers, (unsigned)count, 0);
}

static void load(uint16_t port, size_t clients, size_t window, size_t size, size_t count) {
  const struct sockaddr_in address = loopback(port);
  const int epoll = epoll_create1(0);
  int *fds = calloc(clients, sizeof *fds);
  for (size_t i = 0; i < clients; i++) {
    fds[i] = open_socket();
    check(connect(fds[i], (const struct sockaddr *)&address, sizeof address), "connect");
    watch(epoll, fds[i], i);
    send_many(fds[i], size, window);
  }
  for (size_t done = 0; done < count;) {
    struct epoll_event events[BATCH];
    const int ready = epoll_wait(epoll, events, BATCH, QUIET_MS);
    for (size_t i = 0; ready == 0 && i < clients; i++) {
      send_many(fds[i], size, window);
    }
    for (int e = 0; e < ready; e++) {
      const int fd = fds[events[e].data.u64];
      for (size_t i = 0; i < window; i++) {
        prepare(i);
      }
      const int got = recvmmsg(fd, headers, (unsigned)window, MSG_DONTWAIT, NULL);
      if (got > 0) {
        done += (size_t)got;
        send_many(fd, size, (size_t)got);
      }
    }
  }
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "serve") == 0) {
    serve();
  }
  if (argc != 7 || strtoul(argv[4], NULL, 10) > BATCH) {
    return 2;
  }
  load((uint16_t)strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10),
       strtoul(argv[5], NULL, 10), strtoul(argv[6], NULL, 10));
  return 0;
}
