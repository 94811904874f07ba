/*
 * What a kind of socket must supply: the seam between what is the same for all sockets and TCP,
 * local streams and whatever else there is.
 *
 * Above it are the refusals (a read before the connection is there), the memory (state.h) and the
 * limits of lengths; and accepting, reading and writing are repeated there after -EINTR. So a
 * function here returns what the system said. It may call what is below: state.h, probe.h,
 * descriptor.h; never a poller.
 */
#ifndef BIPOLL_KIND_H
#define BIPOLL_KIND_H

#include "socket.h"

struct bp_kind_ops {
  enum bp_kind kind;
  size_t size;     /* of its structure, whose first member is struct bp_socket */
  unsigned events; /* those that it can have */

  /* Makes a socket of a descriptor from elsewhere, which has been found to be of this kind. On an
   * error the descriptor stays the caller's. */
  int (*adopt)(int fd, struct bp_socket **out);
  /* Closes what the socket has in the system. Its memory is freed afterwards, by the caller. */
  void (*close)(struct bp_socket *socket);

  /* ---- While it is not connected. NULL: it is from the start ---- */

  /* Whether connecting is over: 0, -EINPROGRESS for not yet, or why it has failed. In
   * BP_STATE_RETRYING it tries again. */
  int (*connect)(struct bp_socket *socket);

  /* ---- Readiness, once it is connected or listens ---- */

  /* What must be watched for to notice these events, of which there is at least one. */
  unsigned (*interest)(const struct bp_socket *socket, unsigned events);
  /* When to ask the socket itself, since no kernel will tell: BP_AT_ONCE at each wait, BP_FOREVER
   * never. */
  bp_deadline_ns (*ask_at)(const struct bp_socket *socket, unsigned events);
  /* The subset of events that hold, given what the system reports. May look ahead in the stream. */
  unsigned (*holds)(struct bp_socket *socket, unsigned events, unsigned readiness);
  /* What is watched instead of the descriptor; NULL: nothing at present. A NULL entry: the
   * descriptor is watched. */
  struct bp_waitable *(*waitable)(const struct bp_socket *socket);
  /* The backend refuses to watch the descriptor (-EPERM), since it is always ready. A NULL entry:
   * that is an error. */
  void (*note_unwatchable)(struct bp_socket *socket);
  /* The descriptor is of no use to anybody else: it is neither told nor given away. */
  bool hides_descriptor;

  /* ---- Of servers. NULL: none comes ---- */

  /* The next connection; -EAGAIN: nobody is waiting; -ECONNABORTED or -EPROTO: this client has left
   * again. */
  int (*accept)(struct bp_socket *server, struct bp_socket **out);

  /* ---- Of what is BP_STATE_CONNECTED. Bytes moved, or a negated errno; -EAGAIN: none now ---- */

  /* An error of a read is told once by the system, and final: so it is remembered. */
  bool has_final_errors;
  /* 0 at the end. length is from 1 to INT_MAX. With peek the bytes stay; -ENOTSOCK: there are some,
   * which cannot be looked at. Of a kind that carries messages it is only called with peek, and
   * more than 0 for a message. */
  int64_t (*read)(struct bp_socket *socket, void *bytes, size_t length, bool peek);
  /* Of a length from 1 to INT_MAX. */
  int64_t (*write)(struct bp_socket *socket, const void *bytes, size_t length);
  /* Of 1 to BP_MAX_PIECES pieces, none of them empty, of INT_MAX bytes in all at most. */
  int64_t (*writev)(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count);
  /* Whether the peer hears of the end of our writing before the socket is closed. */
  bool has_half_close;
  /* Ends writing. 0 or a negated errno; -ENOTCONN: the connection was over already. A NULL entry:
   * this kind cannot end one side. */
  int (*end)(struct bp_socket *socket);

  /* ---- Of what is BP_STATE_CONNECTED and carries messages. NULL: it carries bytes ---- */

  /* How many came, from 1 to count; 0 at the end; -EAGAIN: none now. See BP_RECEIVES_ALL in
   * fd_message.h. */
  int (*receive)(struct bp_socket *socket, struct bp_message *messages, size_t count);
  /* How many are sent, from 1 to count, which is BP_MAX_MESSAGES at most; or why the first is not:
   * -EAGAIN: none is taken now. */
  int (*send)(struct bp_socket *socket, const struct bp_outgoing *messages, size_t count);

  /* Where the other end is, as it was at the start. A NULL entry: that has no address. */
  int (*remote_address)(const struct bp_socket *socket, struct bp_address *out);
};

/* Each is defined in the file of its name. */
extern const struct bp_kind_ops bp_tcp_server;
extern const struct bp_kind_ops bp_tcp_stream;
extern const struct bp_kind_ops bp_local_server;
extern const struct bp_kind_ops bp_local_stream;
extern const struct bp_kind_ops bp_raw_descriptor;
extern const struct bp_kind_ops bp_udp;
extern const struct bp_kind_ops bp_local_datagram;
extern const struct bp_kind_ops bp_local_packet_server;
extern const struct bp_kind_ops bp_local_packet_stream;
extern const struct bp_kind_ops bp_timer;
extern const struct bp_kind_ops bp_child;
extern const struct bp_kind_ops bp_signal_source;

const struct bp_kind_ops *bp_kind_find(enum bp_kind kind);

#endif
