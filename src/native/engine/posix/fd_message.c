#include "fd_message.h"

#include <errno.h>
#include <string.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing there is SO_NOSIGPIPE: descriptor.c */
#endif

/*
 * Room for the number of drops, or for the credentials of a sender. No more: whatever descriptors
 * are attached to a message find none, and the system closes them.
 */
struct control {
  _Alignas(struct cmsghdr) unsigned char bytes[CMSG_SPACE(3 * sizeof(uint32_t))];
};

void bp_fd_prepare_datagrams(int fd) {
#ifdef SO_RXQ_OVFL
  bp_net_set_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
#else
  (void)fd;
#endif
}

/* Every message then has the sender's credentials with it, and the end has none. */
int bp_fd_prepare_packets(int fd) {
#ifdef SO_PASSCRED
  const int on = 1;
  return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 ? -errno : 0;
#else
  (void)fd;
  return 0;
#endif
}

static uint32_t drops_of(struct msghdr *header) {
  uint32_t drops = 0;
#ifdef SO_RXQ_OVFL
  for (struct cmsghdr *each = CMSG_FIRSTHDR(header); each; each = CMSG_NXTHDR(header, each)) {
    if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SO_RXQ_OVFL &&
        each->cmsg_len >= CMSG_LEN(sizeof drops)) {
      memcpy(&drops, CMSG_DATA(each), sizeof drops);
    }
  }
#else
  (void)header;
#endif
  return drops;
}

static void prepare(struct msghdr *header, struct iovec *piece, struct control *control,
                    const struct bp_message *message, struct bp_arrival *arrival) {
  *piece = (struct iovec){.iov_base = message->bytes, .iov_len = message->capacity_bytes};
  *header = (struct msghdr){.msg_name = &arrival->from,
                            .msg_namelen = sizeof arrival->from,
                            .msg_iov = piece,
                            .msg_iovlen = 1,
                            .msg_control = control->bytes,
                            .msg_controllen = sizeof control->bytes};
}

static void note(struct msghdr *header, size_t length, struct bp_message *message,
                 struct bp_arrival *arrival) {
  message->length = length;
  message->is_cut = header->msg_flags & MSG_TRUNC;
  arrival->from_length = header->msg_namelen;
  arrival->is_message = length > 0 || message->is_cut || header->msg_controllen > 0;
  arrival->dropped = drops_of(header);
}

static int receive_one(int fd, struct bp_message *message, struct bp_arrival *arrival, int flags) {
  struct msghdr header;
  struct iovec piece;
  struct control control;
  prepare(&header, &piece, &control, message, arrival);
  const ssize_t got = recvmsg(fd, &header, MSG_DONTWAIT | flags);
  if (got < 0) {
    return -errno;
  }
  note(&header, (size_t)got, message, arrival);
  return 1;
}

static int send_one(int fd, const struct bp_departure *each) {
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  return sendto(fd, each->bytes, each->length, flags, each->to, each->to_length) < 0 ? -errno : 1;
}

#ifdef __linux__

int bp_fd_receive(int fd, struct bp_message *messages, struct bp_arrival *arrivals, size_t count) {
  struct mmsghdr headers[BP_MAX_MESSAGES];
  struct iovec pieces[BP_MAX_MESSAGES];
  struct control controls[BP_MAX_MESSAGES];
  if (count == 1) {
    return receive_one(fd, messages, arrivals, 0);
  }
  for (size_t i = 0; i < count; i++) {
    prepare(&headers[i].msg_hdr, &pieces[i], &controls[i], &messages[i], &arrivals[i]);
  }
  const int got = recvmmsg(fd, headers, (unsigned)count, MSG_DONTWAIT, NULL);
  if (got < 0) {
    return -errno;
  }
  for (int i = 0; i < got; i++) {
    note(&headers[i].msg_hdr, headers[i].msg_len, &messages[i], &arrivals[i]);
  }
  return got;
}

int bp_fd_send(int fd, const struct bp_departure *departures, size_t count) {
  struct mmsghdr headers[BP_MAX_MESSAGES];
  struct iovec pieces[BP_MAX_MESSAGES];
  if (count == 1) {
    return send_one(fd, departures);
  }
  for (size_t i = 0; i < count; i++) {
    pieces[i] =
        (struct iovec){.iov_base = (void *)departures[i].bytes, .iov_len = departures[i].length};
    headers[i].msg_hdr = (struct msghdr){.msg_name = (void *)departures[i].to,
                                         .msg_namelen = departures[i].to_length,
                                         .msg_iov = &pieces[i],
                                         .msg_iovlen = 1};
  }
  const int sent = sendmmsg(fd, headers, (unsigned)count, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent < 0 ? -errno : sent;
}

#else

int bp_fd_receive(int fd, struct bp_message *messages, struct bp_arrival *arrivals, size_t count) {
  (void)count;
  return receive_one(fd, messages, arrivals, 0);
}

int bp_fd_send(int fd, const struct bp_departure *departures, size_t count) {
  (void)count;
  return send_one(fd, departures);
}

#endif

int bp_fd_look_ahead(int fd) {
  char byte = 0;
  struct bp_message message = {.bytes = &byte, .capacity_bytes = 1};
  struct bp_arrival arrival;
  const int got = receive_one(fd, &message, &arrival, MSG_PEEK);
  return got < 0 ? got : arrival.is_message;
}
