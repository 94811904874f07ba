/*
 * Messages of the system's own sockets: fd_message.c of posix/ or windows/. Nothing here waits,
 * whatever the flags of the descriptor.
 */
#ifndef BIPOLL_FD_MESSAGE_H
#define BIPOLL_FD_MESSAGE_H

#include "engine.h"
#include "net.h"

/* What the system tells of a message beside struct bp_message. */
struct bp_arrival {
  struct sockaddr_storage from;
  socklen_t from_length; /* 0: from nobody who has a name */
  bool is_message;       /* not the end of a connection, which has no bytes either */
  uint32_t dropped;      /* how many the socket had no room for before this one, ever */
};

/* Has the system tell of drops. On Windows, has it not fail a receive for what was sent before. */
void bp_fd_prepare_datagrams(int fd);

/*
 * Whether a call of the system takes several messages. Then bp_fd_receive gives all that there are,
 * and the system keeps an error that comes behind them for the next call. Elsewhere one call is one
 * message. (FreeBSD's recvmmsg is a loop within the C library, which forgets such an error.)
 */
#ifdef __linux__
#define BP_RECEIVES_ALL true
#else
#define BP_RECEIVES_ALL false
#endif

/* Returns how many came, from 1 to count; or a negated errno. */
int bp_fd_receive(int fd, struct bp_message *messages, struct bp_arrival *arrivals, size_t count);

/* struct bp_outgoing as the system takes it. */
struct bp_departure {
  const void *bytes;
  size_t length;
  const struct sockaddr *to; /* NULL: to whom the socket is connected */
  socklen_t to_length;
};

/* Returns how many were sent, from 1 to count, which is BP_MAX_MESSAGES at most; or a negated
 * errno, of the first. */
int bp_fd_send(int fd, const struct bp_departure *departures, size_t count);

/* ---- Of packets, which Windows does not have ---- */

/* Has the system tell an empty packet from the end of a connection, where it can. 0 or a negated
 * errno: an empty packet would then be taken for the end. */
int bp_fd_prepare_packets(int fd);
/* 1: a message is the next that comes; 0: the end is; or a negated errno. Takes nothing. */
int bp_fd_look_ahead(int fd);

#endif
