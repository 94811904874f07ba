#include "fd_message.h"

#include <errno.h>
#include <limits.h>

void bp_fd_prepare_datagrams(int fd) {
  BOOL fails = FALSE;
  DWORD unused = 0;
  (void)WSAIoctl(BP_NET(fd), SIO_UDP_CONNRESET, &fails, sizeof fails, NULL, 0, &unused, NULL, NULL);
}

int bp_fd_receive(int fd, struct bp_message *messages, struct bp_arrival *arrivals, size_t count) {
  struct bp_message *message = &messages[0];
  struct bp_arrival *arrival = &arrivals[0];
  const int capacity = message->capacity_bytes < INT_MAX ? (int)message->capacity_bytes : INT_MAX;
  (void)count;
  arrival->from_length = sizeof arrival->from;
  const int got = recvfrom(BP_NET(fd), message->bytes, capacity, 0,
                           (struct sockaddr *)&arrival->from, &arrival->from_length);
  const int error = got < 0 ? bp_net_error() : 0;
  if (error && error != -EMSGSIZE) {
    return error;
  }
  message->is_cut = error == -EMSGSIZE;
  message->length = message->is_cut ? (size_t)capacity : (size_t)got;
  arrival->is_message = true;
  arrival->dropped = 0;
  return 1;
}

int bp_fd_send(int fd, const struct bp_departure *departures, size_t count) {
  const struct bp_departure *first = &departures[0];
  (void)count;
  if (first->length > INT_MAX) {
    return -EMSGSIZE;
  }
  return sendto(BP_NET(fd), first->bytes, (int)first->length, 0, first->to, first->to_length) < 0
             ? bp_net_error()
             : 1;
}
