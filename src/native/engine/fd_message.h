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

/* Returns how many came, at least one, perhaps fewer than there are; or a negated errno. */
int bp_fd_receive(int fd, struct bp_message *messages, struct bp_arrival *arrivals, size_t count);
/* 0 or a negated errno. to NULL: to whom it is connected. */
int bp_fd_send(int fd, const void *bytes, size_t length, const struct sockaddr *to,
               socklen_t to_length);

/* ---- Of packets, which Windows does not have ---- */

/* Has the system tell an empty packet from the end of a connection, where it can. */
void bp_fd_prepare_packets(int fd);
/* 1: a message is the next that comes; 0: the end is; or a negated errno. Takes nothing. */
int bp_fd_look_ahead(int fd);

#endif
