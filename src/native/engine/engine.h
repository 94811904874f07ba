/*
 * The bipoll engine: sockets and readiness in plain C.
 *
 * Every call returns at once but those that take a deadline. A call that can fail returns a negated
 * errno (-ECONNREFUSED), so 0 and positive results are success; bp_error_name() names them.
 *
 * A socket and a poller belong to one thread at a time. Only bp_wake() may be called from any
 * thread.
 */
#ifndef BIPOLL_ENGINE_H
#define BIPOLL_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Time: nanoseconds on the monotonic clock ------------------------------------------------ */

typedef int64_t bp_deadline_ns;

#define BP_FOREVER INT64_MAX /* no deadline */
#define BP_AT_ONCE 0         /* look, do not wait */

/* The deadline that lies so many milliseconds ahead; fractions count, infinity means BP_FOREVER. */
bp_deadline_ns bp_deadline_after(double milliseconds);

/* ---- What ends a wait early ------------------------------------------------------------------ */

/*
 * What ends a wait with -EINTR, before its deadline and before what it is for. Calls that take one
 * take NULL as well: then nothing ends them early. A call whose deadline is BP_AT_ONCE does not
 * wait, so nothing interrupts it.
 */
struct bp_interrupt {
  bool by_signals;
  /* Readable from the moment a signal comes until it has been handled. So it does not matter which
   * thread took the signal, nor whether it came before the wait. -1: there is none; then only a
   * system call of this thread that a signal cut short (EINTR) counts. */
  int signal_fd;
  /* Whether the waiting thread is to end. That thread asks some ten times a second. NULL: it never
   * is. */
  bool (*is_over)(void *context);
  void *context;
};

/* ---- What not every platform has ------------------------------------------------------------- */

enum bp_feature {
  BP_FEATURE_ABSTRACT_NAMES = 1 << 0,     /* local sockets whose name begins with NUL */
  BP_FEATURE_DESCRIPTOR_PASSING = 1 << 1, /* bp_socket_send_descriptors() and its counterpart */
  BP_FEATURE_PEER_CREDENTIALS = 1 << 2,   /* uid and gid in bp_socket_peer_credentials() */
  BP_FEATURE_USER_TIMEOUT = 1 << 3,       /* BP_TCP_USER_TIMEOUT_MS */
  BP_FEATURE_LOCAL_HALF_CLOSE = 1 << 4,   /* a local peer hears of bp_socket_shutdown() */
  BP_FEATURE_LOCAL_DATAGRAMS = 1 << 5,    /* bp_bind_local_datagram() and its counterpart */
  BP_FEATURE_LOCAL_PACKETS = 1 << 6,      /* bp_listen_local_packets() and its counterpart */
  BP_FEATURE_DROP_COUNTS = 1 << 7,        /* dropped in struct bp_message */
  BP_FEATURE_CHILDREN = 1 << 8,           /* bp_watch_child() */
  BP_FEATURE_TCP_INTERFACE = 1 << 9,      /* network_interface in bp_tcp_options */
  BP_FEATURE_TCP_LINGER = 1 << 10,        /* BP_TCP_LINGER_S of more than 0 */
  BP_FEATURE_TYPE_OF_SERVICE = 1 << 11,   /* BP_TCP_TYPE_OF_SERVICE */
};

/* The set of those that this one has. */
unsigned bp_features(void);

/* ---- Errors ---------------------------------------------------------------------------------- */

/* "ECONNREFUSED" for -ECONNREFUSED; "UNKNOWN" for a number that has no name here. */
const char *bp_error_name(int error);
/* What the system says of an error, written to text, which holds capacity bytes. Returns text. */
const char *bp_error_message(int error, char *text, size_t capacity);

/* ---- Addresses ------------------------------------------------------------------------------- */

#define BP_HOST_CAPACITY 64 /* the longest numeric address with a scope, and its NUL */

struct bp_address {
  char host[BP_HOST_CAPACITY]; /* numeric, IPv6 perhaps with %scope */
  uint16_t port;
};

/* Whether text is a numeric address: 4 or 6, else 0. */
int bp_address_family(const char *text);

/*
 * Resolves a name by the system's resolver. As that may block on the network, it runs in a thread
 * of its own, which is abandoned at the deadline (-ETIMEDOUT). family is 0, 4 or 6. Returns how
 * many addresses it wrote, at most capacity; 0 for a name that has none.
 */
int bp_resolve(const char *hostname, int family, bp_deadline_ns deadline,
               const struct bp_interrupt *interrupt, struct bp_address *out, size_t capacity);

/*
 * The same without waiting: calls found from another thread, with the addresses and their count, or
 * a negated errno. If it returns an error, found is never called.
 */
int bp_look_up(const char *hostname, int family,
               void (*found)(void *argument, const struct bp_address *addresses, int count),
               void *argument);

/* ---- Events ---------------------------------------------------------------------------------- */

/* What can be asked of a socket; a set of them is an unsigned. See API documentation of each name.
 */
enum bp_event {
  BP_EVENT_CONNECTION_AVAILABLE = 1 << 0,
  BP_EVENT_DETERMINED = 1 << 1,
  BP_EVENT_CONNECTION_SUCCEEDED = 1 << 2,
  BP_EVENT_CONNECTION_FAILED = 1 << 3,
  BP_EVENT_DATA_AVAILABLE = 1 << 4,
  BP_EVENT_READY_TO_WRITE = 1 << 5,
  BP_EVENT_REMOTE_DISCONNECTED = 1 << 6,
  BP_EVENT_READABLE = 1 << 7,
  BP_EVENT_WRITABLE = 1 << 8,
  BP_EVENT_HANGUP = 1 << 9,
  BP_EVENT_EXPIRED = 1 << 10,
  BP_EVENT_EXITED = 1 << 11,
  BP_EVENT_SIGNALLED = 1 << 12,
};

enum bp_kind {
  BP_KIND_TCP_SERVER,
  BP_KIND_LOCAL_SERVER,
  BP_KIND_TCP_STREAM,
  BP_KIND_LOCAL_STREAM,
  BP_KIND_DESCRIPTOR, /* a pipe, a terminal or a file that came from elsewhere */
  BP_KIND_UDP,
  BP_KIND_LOCAL_DATAGRAM,
  BP_KIND_LOCAL_PACKET_SERVER,
  BP_KIND_LOCAL_PACKET_STREAM, /* a connection that carries packets */
  /* These have no bytes, and no descriptor can be adopted as one of them. */
  BP_KIND_TIMER,
  BP_KIND_CHILD,
  BP_KIND_SIGNAL_SOURCE,
};

/* The events that a kind of socket can have. */
unsigned bp_events_of(enum bp_kind kind);

/* ---- Sockets --------------------------------------------------------------------------------- */

struct bp_socket;

/* The numbers that can be set of a TCP socket. */
enum bp_tcp_setting {
  BP_TCP_NO_DELAY,
  BP_TCP_KEEP_ALIVE,            /* whether an idle connection is probed */
  BP_TCP_KEEP_ALIVE_IDLE_S,     /* idle seconds before the first probe */
  BP_TCP_KEEP_ALIVE_INTERVAL_S, /* seconds from one probe to the next */
  BP_TCP_KEEP_ALIVE_COUNT,      /* how many unanswered probes end the connection */
  BP_TCP_USER_TIMEOUT_MS,       /* how long sent data may stay unacknowledged */
  BP_TCP_LINGER_S,              /* how long a close waits for what is unsent; 0: it resets */
  BP_TCP_RECEIVE_BUFFER_BYTES,
  BP_TCP_SEND_BUFFER_BYTES,
  BP_TCP_TYPE_OF_SERVICE, /* of IPv4, the traffic class of IPv6 */
};
#define BP_TCP_SETTINGS 10

/* How a TCP stream behaves; zeros are the system's defaults. */
struct bp_tcp_options {
  unsigned given; /* 1 << setting for each that is to be set; the others stay as they are */
  int numbers[BP_TCP_SETTINGS];
  const char *network_interface; /* the name of that which it uses; NULL: any */
};

struct bp_listen_tcp_options {
  const char *host; /* numeric */
  uint16_t port;    /* 0: the system chooses */
  int backlog;
  bool reuse_address, reuse_port, ipv6_only;
  struct bp_tcp_options
      tcp; /* of the server, so that the streams that it accepts begin with them */
};

struct bp_connect_tcp_options {
  const char *host; /* numeric */
  uint16_t port;
  const char *local_host; /* NULL: the system chooses */
  uint16_t local_port;
  struct bp_tcp_options tcp;
};

/*
 * On Windows a local stream is a named pipe, and path is its name: \\.\pipe\name, in UTF-8, at
 * most 256 characters. It has no descriptor (-1) and no file; of mode only 0002 counts, others may
 * connect; of backlog at most 16.
 */
struct bp_listen_local_options {
  const char *path;   /* a leading NUL makes it an abstract name, where there are such */
  size_t path_length; /* in bytes */
  int backlog;
  unsigned mode; /* permission bits of the socket file */
  bool delete_on_close, replace_stale;
};

/* Beside the errors of the system: the path is held by a socket file that nobody serves. */
#define BP_STALE (-100000)

int bp_listen_tcp(const struct bp_listen_tcp_options *options, struct bp_socket **out);
int bp_listen_local(const struct bp_listen_local_options *options, struct bp_socket **out);
/* A refusal is not an error here but the outcome of the connection: bp_socket_error() tells it. */
int bp_connect_tcp(const struct bp_connect_tcp_options *options, struct bp_socket **out);
/* -ENOENT where there is no such path, -ECONNREFUSED where nobody serves it. */
int bp_connect_local(const char *path, size_t path_length, struct bp_socket **out);
int bp_socket_pair(struct bp_socket *out[2]);

/* The kind of an open descriptor, by asking the system. Returns 0 or a negated errno. */
int bp_kind_of(int fd, enum bp_kind *kind);
/* Takes over a descriptor: closing the socket closes it, unless it is 0, 1 or 2. -EBUSY: it belongs
 * to another socket of this process. */
int bp_adopt(int fd, enum bp_kind kind, struct bp_socket **out);

/* Takes it out of every poller, then closes the descriptor and frees the socket. */
void bp_socket_close(struct bp_socket *socket);
/* Whether bytes were received for the socket that nobody has been told of, nor has read: the next
 * read returns them, and who gets the descriptor does not. Nothing more is received meanwhile. */
bool bp_socket_recall(struct bp_socket *socket);
/* As bp_socket_close, but the descriptor and a socket file stay, and the descriptor is returned: it
 * is the caller's now. -ENOTSUP: the socket has none to give; -EBUSY: bytes of it have been taken
 * from the system and read by nobody; nothing has changed then. */
int bp_socket_detach(struct bp_socket *socket);

enum bp_kind bp_socket_kind(const struct bp_socket *socket);
/* -1: it has none, or none that is of use to others. */
int bp_socket_fd(const struct bp_socket *socket);
int bp_socket_local_address(const struct bp_socket *socket, struct bp_address *out);
int bp_socket_remote_address(const struct bp_socket *socket, struct bp_address *out);
/* The path of a local socket, its length in bytes through length; "" where it has none. */
const char *bp_socket_path(const struct bp_socket *socket, size_t *length);

struct bp_credentials {
  int64_t pid, uid, gid; /* -1: unknown */
};
int bp_socket_peer_credentials(const struct bp_socket *socket, struct bp_credentials *out);
/*
 * The supplementary groups of the peer. Returns how many there are: if they do not fit, none is
 * written. -ENOTSUP or -ENOPROTOOPT: the system does not tell.
 */
int bp_socket_peer_groups(const struct bp_socket *socket, uint32_t *out, size_t capacity);

/* -EAGAIN: nobody is waiting. */
int bp_socket_accept(struct bp_socket *server, struct bp_socket **out);

/* The subset of events that hold at this moment. */
unsigned bp_socket_holds(struct bp_socket *socket, unsigned events);
/* Why connecting failed, negated; 0 while it has not. */
int bp_socket_error(struct bp_socket *socket);

#define BP_END (-100001) /* the peer has ended and all it sent was read */

/* Bytes read; 0: nothing there now; BP_END. With peek they stay to be read again. */
int64_t bp_socket_read(struct bp_socket *socket, void *bytes, size_t length, bool peek);
/* Bytes taken by the system; 0: it takes none now. */
int64_t bp_socket_write(struct bp_socket *socket, const void *bytes, size_t length);

struct bp_bytes {
  const void *bytes;
  size_t length;
};
/* As one write of all the pieces; those beyond BP_MAX_PIECES wait for the next call. */
#define BP_MAX_PIECES 64
int64_t bp_socket_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count);
/* Of a named pipe it ends our own writes only: the peer learns of it when the socket is closed. */
int bp_socket_shutdown(struct bp_socket *socket);
/* Of a TCP stream, such as one that was accepted, or of a server for those that it accepts. */
int bp_socket_set_tcp(struct bp_socket *socket, const struct bp_tcp_options *options);
/* Makes closing the TCP stream reset the connection: what is unsent or unread by then is lost. */
int bp_socket_reset_on_close(struct bp_socket *socket);

/* What the system knows of a TCP connection; -1: it does not tell. */
struct bp_tcp_information {
  int64_t round_trip_us, round_trip_variation_us; /* smoothed; -1 while nothing was measured */
  int64_t retransmissions;                        /* segments that were sent again */
  int64_t unacknowledged_bytes;                   /* written, and not acknowledged yet */
  int64_t unsent_bytes;                           /* those of them that were never sent */
  int64_t congestion_window_bytes, segment_bytes;
  int64_t receive_buffer_bytes, send_buffer_bytes;
};
int bp_socket_tcp_information(const struct bp_socket *socket, struct bp_tcp_information *out);

/*
 * Says whether the owner keeps bytes that it has read and nobody has consumed. While it does, the
 * socket has data available, whatever the kernel says.
 */
void bp_socket_hold_unread(struct bp_socket *socket, bool holds);

/*
 * The same, waiting until there is a byte to read, or room for one to write. 0 at the deadline;
 * -EINTR once interrupted, before anything is moved. To wait for bytes is to wait for new ones: see
 * bp_socket_hold_unread.
 */
int64_t bp_socket_read_wait(struct bp_socket *socket, void *bytes, size_t length,
                            bp_deadline_ns deadline, const struct bp_interrupt *interrupt);
int64_t bp_socket_write_wait(struct bp_socket *socket, const void *bytes, size_t length,
                             bp_deadline_ns deadline, const struct bp_interrupt *interrupt);

/* ---- Messages: UDP, local datagrams, local sequenced packets ---------------------------------
 *
 * Each is sent, and comes, as a whole. These sockets have no bytes for bp_socket_read and its like.
 */

struct bp_udp_options {
  const char *host; /* numeric: where it is bound */
  uint16_t port;    /* 0: the system chooses */
  bool reuse_address, reuse_port, ipv6_only;
  const char *peer_host; /* numeric: it is connected to that; NULL: to nobody */
  uint16_t peer_port;
  int receive_buffer_bytes, send_buffer_bytes; /* 0: the system's default */
};
int bp_open_udp(const struct bp_udp_options *options, struct bp_socket **out);

/* The numbers that can be set of a UDP socket. */
enum bp_udp_setting {
  BP_UDP_BROADCAST, /* whether it may send to broadcast addresses */
  BP_UDP_TTL,       /* 1 to 255: over how many routers its messages may go */
  BP_UDP_MULTICAST_TTL,
  BP_UDP_MULTICAST_LOOPBACK, /* whether what it sends to a group comes to this machine, too */
};
int bp_udp_set(struct bp_socket *socket, enum bp_udp_setting setting, int value);
/*
 * Joins or leaves a multicast group. by_host is a numeric address of the interface, of IPv6 with a
 * %scope; NULL: the system chooses. -EINVAL: not of the family of the socket.
 */
int bp_udp_set_membership(struct bp_socket *socket, const char *group, const char *by_host,
                          bool joins);
/* By which interface messages to groups go out. */
int bp_udp_set_multicast_interface(struct bp_socket *socket, const char *by_host);

/*
 * own: where it is bound, as a local server is; its backlog does not count. NULL: it has no name,
 * and nobody can answer it. peer: whom it is connected to; NULL: nobody.
 */
int bp_open_local_datagram(const struct bp_listen_local_options *own, const char *peer,
                           size_t peer_length, struct bp_socket **out);

/* A server of local connections that carry packets, and a client of it. */
int bp_listen_local_packets(const struct bp_listen_local_options *options, struct bp_socket **out);
int bp_connect_local_packets(const char *path, size_t path_length, struct bp_socket **out);

#define BP_PATH_CAPACITY 108

/* Whom a message comes from, or goes to. */
struct bp_endpoint {
  struct bp_address address; /* of UDP, else its host is "" */
  size_t path_length;        /* in bytes, of a local socket; 0: that has no name */
  char path[BP_PATH_CAPACITY];
};

struct bp_message {
  void *bytes; /* where it is to go */
  size_t capacity_bytes;
  /* The rest is what came. */
  size_t length;
  bool is_cut;      /* it was longer than the buffer: the rest is lost */
  uint32_t dropped; /* how many the system had no room for between the last one and this */
  struct bp_endpoint from;
};

#define BP_MAX_MESSAGES 64 /* that one call receives; sending has no limit */

/*
 * Receives messages. Returns how many, perhaps fewer than there are; 0: there is none now; BP_END:
 * no packet will come any more. An error of UDP, such as -ECONNREFUSED, is about a message that was
 * sent earlier; the socket goes on working.
 */
int bp_socket_receive(struct bp_socket *socket, struct bp_message *messages, size_t count);

/* A message to send. */
struct bp_outgoing {
  const void *bytes;
  size_t length;
  const struct bp_endpoint *to; /* NULL: the peer that the socket is connected to */
};

/*
 * Sends messages, in order. Returns how many are sent. Fewer than count: the system takes no more
 * now, or the next one has failed, which a call that begins with it tells. An error is about the
 * first: -EMSGSIZE: it is too long.
 */
int bp_socket_send(struct bp_socket *socket, const struct bp_outgoing *messages, size_t count);

#define BP_MAX_DESCRIPTORS 64 /* in one message; Linux allows 253 */

/* Sends bytes with descriptors attached: all descriptors go with the first byte, or none. */
int64_t bp_socket_send_descriptors(struct bp_socket *socket, const void *bytes, size_t length,
                                   const int *fds, size_t count);
/* Receives bytes as bp_socket_read does, and descriptors: count is the room in fds, and becomes how
 * many came. -EMSGSIZE: some were lost; then all that came are closed. */
int64_t bp_socket_receive_descriptors(struct bp_socket *socket, void *bytes, size_t length,
                                      int *fds, size_t *count);

/* ---- Timers, children, signals: to wait for them together with sockets ------------------------
 */

/* Expires at first_at, and then at each interval; BP_FOREVER: once. -EINVAL: the interval is not
 * positive. */
int bp_open_timer(bp_deadline_ns first_at, int64_t interval_ns, struct bp_socket **out);
/* How often it has expired since this was asked last. -EINVAL: it is no timer. */
int64_t bp_timer_take(struct bp_socket *socket);

struct bp_exit {
  int code;   /* -1: a signal ended it */
  int signal; /* 0: none did */
};

/* -ECHILD: it is no child of this process, or its parent has waited for it already. -ENOTSUP,
 * -ENOSYS, -EPERM: the system does not tell. */
int bp_watch_child(int64_t pid, struct bp_socket **out);
/* How a child exited; -EAGAIN: it has not. Its parent can still wait for it. -ECHILD: the parent
 * has done so before anybody asked here. -EINVAL: it is no child. */
int bp_child_exit(struct bp_socket *socket, struct bp_exit *out);

/* Whoever takes signals from the system; the first member of its structure. */
struct bp_signal_queue {
  int fd; /* readable while signals wait */
  void (*close)(struct bp_signal_queue *queue);
};

/* On success the source owns the queue, and closes it in the end. */
int bp_open_signal_source(struct bp_signal_queue *queue, struct bp_socket **out);
/* NULL: it is no source of signals. */
struct bp_signal_queue *bp_signal_source_queue(struct bp_socket *socket);

/* ---- Waiting for a few sockets, without a poller ----------------------------------------------
 */

struct bp_query {
  struct bp_socket *socket;
  unsigned events; /* asked for */
  unsigned holds;  /* out: those that hold */
};

/*
 * Waits until an asked event of one of the sockets holds. Returns how many queries have one; 0 at
 * the deadline; -EINTR once interrupted.
 */
int bp_poll(struct bp_query *queries, size_t count, bp_deadline_ns deadline,
            const struct bp_interrupt *interrupt);

/* ---- Pollers, for many sockets ----------------------------------------------------------------
 */

struct bp_poller;

/* The names of the backends of this platform, the best first, NULL at the end. */
const char *const *bp_backends(void);

/* backend NULL: the best. -EINVAL: there is no such backend here. */
int bp_poller_open(const char *backend, struct bp_poller **out);
void bp_poller_close(struct bp_poller *poller);
const char *bp_poller_backend(const struct bp_poller *poller);

/* Sets the events of a socket in this poller, adding it if it is new. tag comes back with them. */
int bp_poller_monitor(struct bp_poller *poller, struct bp_socket *socket, unsigned events,
                      uint64_t tag);
/* -ENOENT if it is not monitored. */
int bp_poller_unmonitor(struct bp_poller *poller, struct bp_socket *socket);

struct bp_occurrence {
  struct bp_socket *socket;
  uint64_t tag;
  unsigned events;
};

/* Returns how many it wrote; 0 at the deadline, and early after a wake-up; -EINTR once interrupted
 * while there was nothing to write. */
int bp_poller_wait(struct bp_poller *poller, bp_deadline_ns deadline,
                   const struct bp_interrupt *interrupt, struct bp_occurrence *out,
                   size_t capacity);

/* Names the poller in this process for bp_wake(); never used again for another. */
uint64_t bp_poller_waker(const struct bp_poller *poller);
/* Ends the wait of that poller, or its next one. From any thread. False when the poller is gone. */
bool bp_wake(uint64_t waker);

#ifdef __cplusplus
}
#endif

#endif
