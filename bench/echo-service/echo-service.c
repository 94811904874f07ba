/* Both ends of the echo service in C: `echo-service serve ADDRESS` is the floor that the servers
 * are measured against, an epoll loop that does nothing else; `echo-service load ADDRESS
 * CONNECTIONS SIZE COUNT` sends COUNT messages over all of the connections, each of which waits for
 * its echo; `echo-service hold ADDRESS CONNECTIONS` only keeps them open, until its input ends. An
 * address is the path of a local socket, or a port of 127.0.0.1. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CHUNK = 65536, BATCH = 256 };

static char buffer[CHUNK];

struct address {
  union {
    struct sockaddr any;
    struct sockaddr_un local;
    struct sockaddr_in tcp;
  };
  socklen_t length;
};

/* False: too long for a path. */
static bool parse(const char *text, struct address *out) {
  const size_t length = strlen(text);
  memset(out, 0, sizeof *out);
  if (strspn(text, "0123456789") == length) {
    out->tcp.sin_family = AF_INET;
    out->tcp.sin_port = htons((uint16_t)strtoul(text, NULL, 10));
    out->tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    out->length = sizeof out->tcp;
    return true;
  }
  out->local.sun_family = AF_UNIX;
  out->length = sizeof out->local;
  if (length >= sizeof out->local.sun_path) {
    return false;
  }
  memcpy(out->local.sun_path, text, length);
  return true;
}

/* As the servers that it is compared with have it; does nothing to a local socket. */
static void send_at_once(int fd) {
  const int on = 1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int connect_to(const struct address *address) {
  const int fd = socket(address->any.sa_family, SOCK_STREAM, 0);
  if (connect(fd, &address->any, address->length) < 0) {
    perror("connect");
    exit(1);
  }
  send_at_once(fd);
  return fd;
}

static void check(int result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
}

static void watch(int epoll, int fd, uint64_t data) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = data};
  check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

/* Writes the processor time so far: user and system microseconds. */
static void report(int signal) {
  (void)signal;
  struct rusage usage;
  char line[64];
  getrusage(RUSAGE_SELF, &usage);
  const int length = snprintf(line, sizeof line, "%lld %lld\n",
                              usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec,
                              usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec);
  (void)!write(1, line, (size_t)length);
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

static void serve(const struct address *address) {
  const int server = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  (void)setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  check(bind(server, &address->any, address->length), "bind");
  check(listen(server, 4096), "listen");
  signal(SIGUSR2, report);
  const int epoll = epoll_create1(0);
  watch(epoll, server, (uint64_t)server);
  (void)!write(1, "listening\n", 10);
  for (;;) {
    struct epoll_event events[BATCH];
    const int count = epoll_wait(epoll, events, BATCH, -1);
    for (int i = 0; i < count; i++) {
      const int fd = (int)events[i].data.u64;
      if (fd != server) {
        echo(fd);
        continue;
      }
      const int client = accept4(server, NULL, NULL, SOCK_CLOEXEC);
      if (client >= 0) {
        send_at_once(client);
        watch(epoll, client, (uint64_t)client);
      }
    }
  }
}

static void send_all(int fd, size_t size) {
  static char message[CHUNK];
  for (size_t sent = 0; sent < size;) {
    const ssize_t taken = send(fd, message + sent, size - sent, MSG_NOSIGNAL);
    check((int)taken, "send");
    sent += (size_t)taken;
  }
}

static void load(const struct address *address, size_t connections, size_t size, size_t count) {
  const int epoll = epoll_create1(0);
  int *fds = calloc(connections, sizeof *fds);
  size_t *missing = calloc(connections, sizeof *missing);
  for (size_t i = 0; i < connections; i++) {
    fds[i] = connect_to(address);
    watch(epoll, fds[i], i);
  }
  size_t started = 0;
  size_t done = 0;
  for (size_t i = 0; i < connections && started < count; i++, started++) {
    missing[i] = size;
    send_all(fds[i], size);
  }
  while (done < count) {
    struct epoll_event events[BATCH];
    const int ready = epoll_wait(epoll, events, BATCH, -1);
    for (int e = 0; e < ready; e++) {
      const size_t i = (size_t)events[e].data.u64;
      const ssize_t got = recv(fds[i], buffer, sizeof buffer, MSG_DONTWAIT);
      if (got <= 0) {
        continue;
      }
      missing[i] -= (size_t)got;
      if (missing[i] > 0) {
        continue;
      }
      done++;
      if (started < count) {
        started++;
        missing[i] = size;
        send_all(fds[i], size);
      }
    }
  }
}

static void hold(const struct address *address, size_t connections) {
  for (size_t i = 0; i < connections; i++) {
    (void)connect_to(address);
  }
  (void)!write(1, "held\n", 5);
  (void)!read(0, buffer, 1);
}

int main(int argc, char **argv) {
  struct address address;
  if (argc < 3 || !parse(argv[2], &address)) {
    return 2;
  }
  if (strcmp(argv[1], "serve") == 0) {
    serve(&address);
  } else if (argc == 4) {
    hold(&address, strtoul(argv[3], NULL, 10));
  } else if (argc == 6) {
    load(&address, strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10),
         strtoul(argv[5], NULL, 10));
  }
  return 0;
}
