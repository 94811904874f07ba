/*
 * What asks the servers of the benchmarks. Each message begins with its length behind these four
 * bytes, for servers of frames.
 *
 *   load ask ADDRESS CONNECTIONS SIZE COUNT   messages over all of the connections, each of which
 *                                             waits for its echo. Prints how many microseconds
 *                                             50, 90, 99 and 99.9 percent of them took at most
 *   load churn ADDRESS SIZE COUNT             connections for one message each, one after another
 *   load fan-out ADDRESS RECEIVERS SIZE COUNT messages of one sender, each of which all get
 *   load hold ADDRESS CONNECTIONS             only keeps them open, until its input ends
 */
#include "../peer.h"

#include <stdbool.h>
#include <sys/epoll.h>

enum { CHUNK = 65536, BATCH = 256 };

static char buffer[CHUNK];
static char message[CHUNK];

static int connect_prompt(const struct address *address) {
  const int fd = connect_to(address);
  send_at_once(fd);
  return fd;
}

static void make_message(size_t size) {
  const uint32_t length = htonl((uint32_t)(size - sizeof length));
  memcpy(message, &length, sizeof length);
}

static void send_message(int fd, size_t size) {
  for (size_t sent = 0; sent < size;) {
    const ssize_t taken = send(fd, message + sent, size - sent, MSG_NOSIGNAL);
    check((int)taken, "send");
    sent += (size_t)taken;
  }
}

static void receive_message(int fd, size_t size) {
  for (size_t got = 0; got < size;) {
    const ssize_t more = recv(fd, buffer, size - got, 0);
    if (more <= 0) {
      check((int)more, "recv");
      exit(1);
    }
    got += (size_t)more;
  }
}

/* ---- Echoes over many connections ---- */

struct client {
  int fd;
  size_t missing;
  double asked_at;
};

static void ask(struct client *client, size_t size) {
  client->missing = size;
  client->asked_at = now_us();
  send_message(client->fd, size);
}

/* Returns whether the whole echo has come. */
static bool has_answer(struct client *client) {
  const ssize_t got = recv(client->fd, buffer, sizeof buffer, MSG_DONTWAIT);
  client->missing -= got > 0 ? (size_t)got : 0;
  return got > 0 && client->missing == 0;
}

static int by_value(const void *one, const void *other) {
  const double left = *(const double *)one;
  const double right = *(const double *)other;
  return (left > right) - (left < right);
}

static void print_percentiles(double *times, size_t count) {
  static const double shares[] = {0.5, 0.9, 0.99, 0.999};
  qsort(times, count, sizeof *times, by_value);
  for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
    printf("%.1f ", times[(size_t)((double)(count - 1) * shares[i])]);
  }
  printf("\n");
}

static void ask_all(const struct address *address, size_t connections, size_t size, size_t count) {
  const int epoll = epoll_create1(0);
  struct client *clients = calloc(connections, sizeof *clients);
  double *times = calloc(count, sizeof *times);
  for (size_t i = 0; i < connections; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
    clients[i].fd = connect_prompt(address);
    check(epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].fd, &event), "epoll_ctl");
  }
  size_t started = 0;
  size_t done = 0;
  for (; started < connections && started < count; started++) {
    ask(&clients[started], size);
  }
  while (done < count) {
    struct epoll_event events[BATCH];
    const int ready = epoll_wait(epoll, events, BATCH, -1);
    for (int i = 0; i < ready; i++) {
      struct client *client = events[i].data.ptr;
      if (!has_answer(client)) {
        continue;
      }
      times[done++] = now_us() - client->asked_at;
      if (started < count) {
        started++;
        ask(client, size);
      }
    }
  }
  print_percentiles(times, count);
}

/* ---- Others ---- */

static void churn(const struct address *address, size_t size, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const int fd = connect_prompt(address);
    send_message(fd, size);
    receive_message(fd, size);
    close(fd);
  }
}

static void fan_out(const struct address *address, size_t receivers, size_t size, size_t count) {
  int *fds = calloc(receivers, sizeof *fds);
  for (size_t i = 0; i < receivers; i++) {
    fds[i] = connect_prompt(address);
  }
  usleep(100000); /* for the server to know them all */
  for (size_t i = 0; i < count; i++) {
    send_message(fds[0], size);
    for (size_t each = 0; each < receivers; each++) {
      receive_message(fds[each], size);
    }
  }
}

static void hold(const struct address *address, size_t connections) {
  for (size_t i = 0; i < connections; i++) {
    (void)connect_prompt(address);
  }
  (void)!write(1, "held\n", 5);
  (void)!read(0, buffer, 1);
}

int main(int argc, char **argv) {
  size_t numbers[3] = {0};
  if (argc < 4 || argc > 6) {
    return 2;
  }
  const char *what = argv[1];
  const struct address address = address_of(argv[2]);
  for (int i = 3; i < argc; i++) {
    numbers[i - 3] = strtoul(argv[i], NULL, 10);
  }
  if (strcmp(what, "ask") == 0) {
    make_message(numbers[1]);
    ask_all(&address, numbers[0], numbers[1], numbers[2]);
  } else if (strcmp(what, "churn") == 0) {
    make_message(numbers[0]);
    churn(&address, numbers[0], numbers[1]);
  } else if (strcmp(what, "fan-out") == 0) {
    make_message(numbers[1]);
    fan_out(&address, numbers[0], numbers[1], numbers[2]);
  } else {
    hold(&address, numbers[0]);
  }
  return 0;
}
