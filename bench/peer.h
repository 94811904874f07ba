/* What the C programs of the benchmarks share. An address is the path of a local socket, or a port
 * of 127.0.0.1. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

struct address {
  union {
    struct sockaddr any;
    struct sockaddr_un local;
    struct sockaddr_in tcp;
  };
  socklen_t length;
};

static inline int check(int result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
  return result;
}

static inline double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static inline int connect_to(const struct address *address) {
  const int fd = check(socket(address->any.sa_family, SOCK_STREAM, 0), "socket");
  check(connect(fd, &address->any, address->length), "connect");
  return fd;
}

static inline struct address address_of(const char *text) {
  const size_t length = strlen(text);
  struct address address = {.length = sizeof address.local};
  if (strspn(text, "0123456789") == length) {
    address.tcp.sin_family = AF_INET;
    address.tcp.sin_port = htons((uint16_t)strtoul(text, NULL, 10));
    address.tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.length = sizeof address.tcp;
    return address;
  }
  address.local.sun_family = AF_UNIX;
  if (length >= sizeof address.local.sun_path) {
    (void)fprintf(stderr, "Too long for a path: %s\n", text);
    exit(2);
  }
  memcpy(address.local.sun_path, text, length);
  return address;
}

/* As the servers that it is compared with have it; does nothing to a local socket. */
static inline void send_at_once(int fd) {
  const int on = 1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* Writes the processor time so far: user and system microseconds. */
static inline void report(int signal) {
  (void)signal;
  struct rusage usage;
  char line[64];
  getrusage(RUSAGE_SELF, &usage);
  const int length = snprintf(line, sizeof line, "%lld %lld\n",
                              usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec,
                              usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec);
  (void)!write(1, line, (size_t)length);
}

/* Says so, and what it has cost at each SIGUSR2. */
static inline void say_listening(void) {
  signal(SIGUSR2, report);
  (void)!write(1, "listening\n", 10);
}

static inline int listen_at(const char *text) {
  const struct address address = address_of(text);
  const int server = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  (void)setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  check(bind(server, &address.any, address.length), "bind");
  check(listen(server, BACKLOG), "listen");
  return server;
}

#endif
