/* Both ends of the round trip in C: `echo serve PATH` answers everyone, `echo time PATH COUNT` is
 * the floor that the others are measured against: the system calls of readSome and writeAll, and
 * nothing else. */
#include "peer.h"

#include <fcntl.h>
#include <poll.h>

enum { MESSAGE = 64, CHUNK = 65536, WARM_UP = 5000 };

static char buffer[CHUNK];

static void serve(const char *path) {
  const int server = listen_at(path);
  check(fcntl(server, F_SETFL, 0), "fcntl"); /* so that accept waits */
  for (;;) {
    const int client = accept(server, NULL, NULL);
    ssize_t got = 0;
    while ((got = recv(client, buffer, sizeof buffer, 0)) > 0) {
      (void)!send(client, buffer, (size_t)got, MSG_NOSIGNAL);
    }
    close(client);
  }
}

static void time_round_trips(const char *path, size_t count) {
  const struct address address = address_of(path);
  const int fd = connect_to(&address);
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
}

int main(int argc, char **argv) {
  if (argc < 3) {
    return 2;
  }
  if (strcmp(argv[1], "serve") == 0) {
    serve(argv[2]);
  } else {
    time_round_trips(argv[2], strtoul(argv[3], NULL, 10));
  }
  return 0;
}
