/* The floor that the servers are measured against, an epoll loop that echoes and does nothing else:
 * `serve ADDRESS` */
#include "../peer.h"

#include <errno.h>
#include <sys/epoll.h>

enum { CHUNK = 65536, BATCH = 256 };

static char buffer[CHUNK];

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

static void echo(int fd) {
  const ssize_t got = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) {
      close(fd);
    }
    return;
  }
  for (ssize_t sent = 0; sent < got;) {
    const ssize_t taken = send(fd, buffer + sent, (size_t)(got - sent), MSG_NOSIGNAL);
    if (taken < 0) {
      close(fd);
      return;
    }
    sent += taken;
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    return 2;
  }
  const int server = listen_at(argv[1]);
  const int epoll = epoll_create1(0);
  watch(epoll, server);
  say_listening();
  for (;;) {
    struct epoll_event events[BATCH];
    const int count = epoll_wait(epoll, events, BATCH, -1);
    for (int i = 0; i < count; i++) {
      const int fd = events[i].data.fd;
      if (fd != server) {
        echo(fd);
        continue;
      }
      const int client = accept4(server, NULL, NULL, SOCK_CLOEXEC);
      if (client >= 0) {
        send_at_once(client);
        watch(epoll, client);
      }
    }
  }
}
