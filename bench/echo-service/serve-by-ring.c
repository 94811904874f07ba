/* The echo service in C over an io_uring, by the engine's own ring and nothing else: `serve-by-ring
 * ADDRESS`. What was received is copied, since its buffer goes back to the kernel at once, and sent
 * by the next system call, with all others. */
#include "../peer.h"
#include "ring.h"

enum { MOST_CLIENTS = 16384, ROOM = 1 << 20, OF_CLIENT = 1, OF_LISTENER = 2, OF_SEND = 3 };

struct client {
  uint8_t *bytes; /* received and not sent */
  size_t length, in_flight;
};

static struct client clients[MOST_CLIENTS]; /* by descriptor */
static struct bp_ring *ring;

static uint64_t name_of(int fd, unsigned kind) {
  return (uint64_t)fd << 2 | kind;
}

static void begin(int fd) {
  if (fd >= MOST_CLIENTS) {
    close(fd);
    return;
  }
  send_at_once(fd);
  if (!clients[fd].bytes) {
    clients[fd].bytes = malloc(ROOM);
  }
  clients[fd].length = clients[fd].in_flight = 0;
  (void)bp_ring_receive(ring, fd, name_of(fd, OF_CLIENT));
}

static void await_clients(int server) {
  check(bp_ring_poll(ring, server, name_of(server, OF_LISTENER)), "poll");
}

static void accept_all(int server) {
  int fd = 0;
  while ((fd = accept(server, NULL, NULL)) >= 0) {
    begin(fd);
  }
  await_clients(server);
}

static void send_more(int fd) {
  struct client *client = &clients[fd];
  if (client->in_flight == 0 && client->length > 0) {
    client->in_flight = client->length;
    const struct bp_bytes piece = {.bytes = client->bytes, .length = client->length};
    (void)bp_ring_send(ring, fd, &piece, 1, name_of(fd, OF_SEND));
  }
}

static void received(int fd, const struct bp_completion *completion) {
  struct client *client = &clients[fd];
  if (completion->result == 0) {
    close(fd);
    return;
  }
  if (completion->result > 0 && client->length + (size_t)completion->result <= ROOM) {
    memcpy(client->bytes + client->length, completion->bytes, (size_t)completion->result);
    client->length += (size_t)completion->result;
    send_more(fd);
  }
  if (!completion->has_more) {
    (void)bp_ring_receive(ring, fd, name_of(fd, OF_CLIENT));
  }
}

static void sent(int fd, int taken) {
  struct client *client = &clients[fd];
  client->in_flight = 0;
  if (taken > 0) {
    client->length -= (size_t)taken;
    memmove(client->bytes, client->bytes + taken, client->length);
    send_more(fd);
  }
}

int main(int argc, char **argv) {
  struct bp_completion completion;
  struct bp_waker waker;
  if (argc != 2) {
    return 2;
  }
  const int server = listen_at(argv[1]);
  check(bp_waker_open_as(&waker, &bp_waker_eventfd), "eventfd");
  check(bp_ring_open(&waker, &ring), "io_uring");
  await_clients(server);
  say_listening();
  for (;;) {
    (void)bp_ring_enter(ring, BP_RING_WAIT);
    while (bp_ring_take(ring, &completion)) {
      const int fd = (int)(completion.name >> 2);
      switch (completion.name & 3) {
      case OF_LISTENER:
        accept_all(fd);
        break;
      case OF_SEND:
        sent(fd, completion.result);
        break;
      default:
        received(fd, &completion);
      }
    }
  }
}
