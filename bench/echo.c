/* Both ends of the round trip in C: `echo serve PATH` answers everyone, `echo time PATH COUNT` is
 * the floor that the others are measured against: the system calls of readSome and writeAll, and
 * nothing else. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE = 64, CHUNK = 65536, WARM_UP = 5000 };

static char buffer[CHUNK];

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int serve(const struct sockaddr_un *address) {
  const int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(server, (const struct sockaddr *)address, sizeof *address) || listen(server, 16)) {
    perror("listen");
    return 1;
  }
  for (;;) {
    const int client = accept(server, NULL, NULL);
    ssize_t got = 0;
    while ((got = recv(client, buffer, sizeof buffer, 0)) > 0) {
      (void)!send(client, buffer, (size_t)got, MSG_NOSIGNAL);
    }
    close(client);
  }
}

static int time_round_trips(const struct sockaddr_un *address, size_t count) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (connect(fd, (const struct sockaddr *)address, sizeof *address)) {
    perror("connect");
    return 1;
  }
  const char message[MESSAGE] = {0};
  double started = 0;
  for (size_t i = 0; i < WARM_UP + count; i++) {
    if (i == WARM_UP) {
      started = now_us();
    }
    (void)!send(fd, message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL);
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    (void)poll(&entry, 1, 1000);
    (void)!recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
  }
  printf("%f\n", (now_us() - started) / (double)count);
  return 0;
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc < 3) {
    return 2;
  }
  strncpy(address.sun_path, argv[2], sizeof address.sun_path - 1);
  return strcmp(argv[1], "serve") == 0 ? serve(&address)
                                       : time_round_trips(&address, strtoul(argv[3], NULL, 10));
}
