/* Making, reading, writing and closing sockets on POSIX systems. */
#include "await.h"
#include "deadline.h"
#include "descriptor.h"
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing there is SO_NOSIGPIPE: descriptor.c */
#endif

#define ACCEPT_PAUSE_NS (50 * BP_NS_PER_MS)

int bp_socket_new(enum bp_kind kind, enum bp_state state, int fd, const char *path,
                  size_t path_length, struct bp_socket **out) {
  struct bp_socket *socket = calloc(1, sizeof *socket + path_length + 1);
  if (!socket) {
    return -ENOMEM;
  }
  socket->kind = kind;
  socket->state = state;
  socket->fd = fd;
  socket->path_length = path_length;
  if (path_length) {
    memcpy(socket->path, path, path_length);
  }
  *out = socket;
  return 0;
}

void bp_socket_close(struct bp_socket *socket) {
  bp_watches_remove(socket);
  if (socket->kind == BP_LOCAL_SERVER) {
    /* Before the close: while it listens nobody can take it for stale and put theirs there. */
    bp_local_unlink(socket);
  }
  /* The standard streams are not ours alone: their numbers must not be given to the next file. */
  if (socket->fd > STDERR_FILENO || socket->kind != BP_DESCRIPTOR) {
    close(socket->fd); /* EINTR is a success here, and to repeat it could close another's */
  }
  free(socket);
}

unsigned bp_socket_probe(const struct bp_socket *socket, unsigned interest) {
  struct bp_awaited entry = {.fd = socket->fd, .interest = interest};
  while (bp_await(&entry, 1, BP_AT_ONCE) == -EINTR) {
  }
  return entry.readiness;
}

/* ---- TCP ---- */

static void set_option(int fd, int level, int option, int value) {
  (void)setsockopt(fd, level, option, &value, sizeof value);
}

int bp_listen_tcp(const struct bp_listen_tcp_options *options, struct bp_socket **out) {
  union bp_ip_address address;
  int fd = -1;
  int error = bp_ip_address_parse(options->host, options->port, &address);
  if (error) {
    return error;
  }
  error = bp_descriptor_socket(address.any.sa_family, SOCK_STREAM, &fd);
  if (error) {
    return error;
  }
  if (options->reuse_address) {
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  }
  if (options->reuse_port) {
    set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  }
  if (address.any.sa_family == AF_INET6) {
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options->ipv6_only);
  }
  if (bind(fd, &address.any, bp_ip_address_length(&address)) < 0 ||
      listen(fd, options->backlog) < 0) {
    error = -errno;
  } else {
    error = bp_socket_new(BP_TCP_SERVER, BP_LISTENING, fd, NULL, 0, out);
  }
  if (error) {
    close(fd);
  }
  return error;
}

static void set_keep_alive(int fd, bool enabled, unsigned idle_s) {
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, enabled);
#if defined(TCP_KEEPIDLE)
  if (idle_s) {
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, (int)idle_s);
  }
#elif defined(TCP_KEEPALIVE)
  if (idle_s) {
    set_option(fd, IPPROTO_TCP, TCP_KEEPALIVE, (int)idle_s);
  }
#endif
}

static int bind_local(int fd, const struct bp_connect_tcp_options *options, sa_family_t family) {
  union bp_ip_address address;
  if (!options->local_host && !options->local_port) {
    return 0;
  }
  const char *any = family == AF_INET ? "0.0.0.0" : "::";
  const int error = bp_ip_address_parse(options->local_host ? options->local_host : any,
                                        options->local_port, &address);
  if (error) {
    return error;
  }
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  return bind(fd, &address.any, bp_ip_address_length(&address)) < 0 ? -errno : 0;
}

static int set_tcp(int fd, const struct bp_tcp_options *options) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, options->no_delay);
  set_keep_alive(fd, options->keep_alive, options->keep_alive_s);
  if (options->user_timeout_ms) {
#ifdef TCP_USER_TIMEOUT
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)options->user_timeout_ms);
#else
    return -ENOPROTOOPT;
#endif
  }
  return 0;
}

int bp_socket_set_tcp(struct bp_socket *socket, const struct bp_tcp_options *options) {
  return socket->kind == BP_TCP_STREAM ? set_tcp(socket->fd, options) : -EPROTOTYPE;
}

static int prepare_connection(int fd, const struct bp_connect_tcp_options *options,
                              sa_family_t family) {
  const int error = set_tcp(fd, &options->tcp);
  return error ? error : bind_local(fd, options, family);
}

int bp_connect_tcp(const struct bp_connect_tcp_options *options, struct bp_socket **out) {
  union bp_ip_address peer;
  int fd = -1;
  struct bp_socket *socket = NULL;
  int error = bp_ip_address_parse(options->host, options->port, &peer);
  if (error) {
    return error;
  }
  error = bp_descriptor_socket(peer.any.sa_family, SOCK_STREAM, &fd);
  if (error) {
    return error;
  }
  error = prepare_connection(fd, options, peer.any.sa_family);
  if (!error) {
    error = bp_socket_new(BP_TCP_STREAM, BP_CONNECTING, fd, NULL, 0, &socket);
  }
  if (error) {
    close(fd);
    return error;
  }
  socket->peer = peer;
  /* EINTR: it goes on all the same. A refusal is told by the connection, when asked. */
  if (connect(fd, &peer.any, bp_ip_address_length(&peer)) == 0) {
    socket->state = BP_CONNECTED;
  } else if (errno != EINPROGRESS && errno != EINTR) {
    socket->state = BP_FAILED;
    socket->connect_error = -errno;
  }
  *out = socket;
  return 0;
}

/* Whether connecting is over: 0 yes, -EINPROGRESS not yet, else why it failed. */
static int connection_outcome(const struct bp_socket *socket) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(socket->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) {
    return -errno;
  }
  if (error) {
    return -error;
  }
  union bp_ip_address peer;
  length = sizeof peer;
  if (getpeername(socket->fd, &peer.any, &length) == 0) {
    return 0;
  }
  if (errno == ENOTCONN) {
    /* Hung up without an error to tell: it was adopted so, and nothing is under way. */
    const unsigned over = bp_socket_probe(socket, BP_WRITE) & (BP_HUNG_UP | BP_ERROR);
    return over == BP_HUNG_UP ? -ENOTCONN : -EINPROGRESS;
  }
  /* EINVAL: some systems say so of a connection that was already reset. */
  return errno == EINVAL ? -ECONNRESET : -errno;
}

void bp_socket_determine(struct bp_socket *socket) {
  int outcome = -EINPROGRESS;
  if (socket->state == BP_CONNECTING) {
    outcome = connection_outcome(socket);
  } else if (socket->state == BP_RETRYING && bp_now_ns() >= socket->not_before) {
    outcome = bp_local_connect(socket);
  }
  if (outcome == 0) {
    bp_socket_become(socket, BP_CONNECTED, 0);
  } else if (outcome != -EINPROGRESS) {
    bp_socket_become(socket, BP_FAILED, outcome);
  }
}

static int ip_address_of(int fd, int (*call)(int, struct sockaddr *, socklen_t *),
                         union bp_ip_address *out) {
  socklen_t length = sizeof *out;
  memset(out, 0, sizeof *out);
  if (call(fd, &out->any, &length) < 0) {
    return -errno;
  }
  return out->any.sa_family == AF_INET || out->any.sa_family == AF_INET6 ? 0 : -EAFNOSUPPORT;
}

static int get_local(int fd, struct sockaddr *address, socklen_t *length) {
  return getsockname(fd, address, length);
}

static int get_remote(int fd, struct sockaddr *address, socklen_t *length) {
  return getpeername(fd, address, length);
}

int bp_socket_local_address(const struct bp_socket *socket, struct bp_address *out) {
  union bp_ip_address address;
  const int error = ip_address_of(socket->fd, get_local, &address);
  if (!error) {
    bp_ip_address_format(&address, out);
  }
  return error;
}

int bp_socket_remote_address(const struct bp_socket *socket, struct bp_address *out) {
  /* Remembered, as the system forgets it when the connection ends. */
  if (socket->kind != BP_TCP_STREAM || !socket->peer.any.sa_family) {
    return -ENOTCONN;
  }
  bp_ip_address_format(&socket->peer, out);
  return 0;
}

/* ---- Accepting ---- */

static bool is_out_of_resources(int error) {
  return error == -EMFILE || error == -ENFILE || error == -ENOBUFS || error == -ENOMEM;
}

static void resume_accepting(struct bp_socket *server) {
  if (server->not_before) {
    server->not_before = 0;
    bp_watches_refresh(server);
  }
}

int bp_socket_accept(struct bp_socket *server, struct bp_socket **out) {
  int fd = -1;
  int error = 0;
  do {
    /* ECONNABORTED and its like: that client has left again, another may be waiting. */
    error = bp_descriptor_accept(server->fd, &fd);
  } while (error == -EINTR || error == -ECONNABORTED || error == -EPROTO);
  if (is_out_of_resources(error)) {
    /* The connection goes on waiting, so the listener stays ready: let pollers rest it a while. */
    server->not_before = bp_now_ns() + ACCEPT_PAUSE_NS;
    bp_watches_refresh(server);
  }
  if (error) {
    return error == -EWOULDBLOCK ? -EAGAIN : error;
  }
  resume_accepting(server);
  const enum bp_kind kind = server->kind == BP_TCP_SERVER ? BP_TCP_STREAM : BP_LOCAL_STREAM;
  error = bp_socket_new(kind, BP_CONNECTED, fd, server->path, server->path_length, out);
  if (error) {
    close(fd);
    return error;
  }
  if (kind == BP_TCP_STREAM) {
    (void)ip_address_of(fd, get_remote, &(*out)->peer);
  }
  return 0;
}

/* ---- Pairs, and descriptors from elsewhere ---- */

int bp_socket_pair(struct bp_socket *out[2]) {
  int fds[2];
  int error = bp_descriptor_socket_pair(fds);
  if (error) {
    return error;
  }
  error = bp_socket_new(BP_LOCAL_STREAM, BP_CONNECTED, fds[0], NULL, 0, &out[0]);
  if (error) {
    goto close_fds;
  }
  error = bp_socket_new(BP_LOCAL_STREAM, BP_CONNECTED, fds[1], NULL, 0, &out[1]);
  if (error) {
    free(out[0]);
    goto close_fds;
  }
  return 0;

close_fds:
  close(fds[0]);
  close(fds[1]);
  return error;
}

static int option_of(int fd, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &length) < 0 ? 0 : value;
}

int bp_kind_of(int fd, enum bp_kind *kind) {
  struct stat status;
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (fstat(fd, &status) < 0) {
    return -errno;
  }
  if (!S_ISSOCK(status.st_mode)) {
    *kind = BP_DESCRIPTOR;
    return S_ISDIR(status.st_mode) ? -EISDIR : 0;
  }
  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
    return -errno;
  }
  if (option_of(fd, SO_TYPE) != SOCK_STREAM) {
    return -EPROTOTYPE;
  }
  const bool listens = option_of(fd, SO_ACCEPTCONN);
  switch (address.ss_family) {
  case AF_INET:
  case AF_INET6:
    *kind = listens ? BP_TCP_SERVER : BP_TCP_STREAM;
    return 0;
  case AF_UNIX:
    *kind = listens ? BP_LOCAL_SERVER : BP_LOCAL_STREAM;
    return 0;
  default:
    return -EAFNOSUPPORT;
  }
}

static int adopt_descriptor(struct bp_socket *socket) {
  struct stat status;
  if (fstat(socket->fd, &status) < 0) {
    return -errno;
  }
  socket->is_always_ready = S_ISREG(status.st_mode);
  socket->may_block = !(fcntl(socket->fd, F_GETFL) & O_NONBLOCK);
  return 0;
}

int bp_adopt(int fd, enum bp_kind kind, struct bp_socket **out) {
  enum bp_kind actual = BP_DESCRIPTOR;
  struct bp_socket *socket = NULL;
  int error = bp_kind_of(fd, &actual);
  if (error) {
    return error;
  }
  if (kind != actual && kind != BP_DESCRIPTOR) {
    return actual == BP_DESCRIPTOR ? -ENOTSOCK : -EPROTOTYPE;
  }
  const bool listens = kind == BP_TCP_SERVER || kind == BP_LOCAL_SERVER;
  const bool is_tcp_stream = kind == BP_TCP_STREAM;
  error = bp_socket_new(kind,
                        listens         ? BP_LISTENING
                        : is_tcp_stream ? BP_CONNECTING
                                        : BP_CONNECTED,
                        fd, NULL, 0, &socket);
  if (error) {
    return error;
  }
  if (kind == BP_DESCRIPTOR) {
    error = adopt_descriptor(socket);
  } else if (listens) {
    error = bp_descriptor_set_non_blocking(fd);
  }
  /* Of a standard stream both ends of an exec are meant to have it. */
  if (!error && fd > STDERR_FILENO) {
    error = bp_descriptor_set_close_on_exec(fd);
  }
  if (error) {
    free(socket);
    return error;
  }
  if (kind != BP_DESCRIPTOR) {
    bp_descriptor_refuse_sigpipe(fd);
  }
  if (is_tcp_stream) {
    (void)ip_address_of(fd, get_remote, &socket->peer);
  }
  *out = socket;
  return 0;
}

/* ---- Reading and writing ---- */

static int64_t descriptor_read(struct bp_socket *socket, void *bytes, size_t length) {
  if (socket->may_block && !socket->is_always_ready &&
      !(bp_socket_probe(socket, BP_READ) & (BP_READ | BP_HUNG_UP | BP_ERROR))) {
    return -EAGAIN;
  }
  ssize_t got = 0;
  do {
    got = read(socket->fd, bytes, length);
  } while (got < 0 && errno == EINTR);
  return got < 0 ? -errno : got;
}

static int64_t stream_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  ssize_t got = 0;
  do {
    got = recv(socket->fd, bytes, length, MSG_DONTWAIT | (peek ? MSG_PEEK : 0));
  } while (got < 0 && errno == EINTR);
  return got < 0 ? -errno : got;
}

/* 0 if bytes can go through it now; 1 if that is not known yet; else why it has failed. */
static int connection_refuses(struct bp_socket *socket) {
  if (socket->state != BP_CONNECTED) {
    bp_socket_determine(socket);
  }
  switch (socket->state) {
  case BP_CONNECTED:
    return 0;
  case BP_FAILED:
    return socket->connect_error;
  case BP_LISTENING:
    return -ENOTCONN;
  case BP_CONNECTING:
  case BP_RETRYING:
    break;
  }
  return 1;
}

int64_t bp_socket_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  const int refusal = connection_refuses(socket);
  if (refusal) {
    return refusal < 0 ? refusal : 0;
  }
  if (socket->read_error) {
    return socket->read_error;
  }
  if (length == 0) {
    return 0;
  }
  if (length > INT_MAX) {
    length = INT_MAX; /* which is as much as Linux reads at once anyway */
  }
  if (peek && socket->kind == BP_DESCRIPTOR) {
    return -ENOTSOCK;
  }
  const int64_t got = socket->kind == BP_DESCRIPTOR ? descriptor_read(socket, bytes, length)
                                                    : stream_read(socket, bytes, length, peek);
  if (got > 0) {
    socket->is_drained = (size_t)got < length;
    return got;
  }
  if (got == 0) {
    socket->has_ended = true;
    return BP_END;
  }
  if (got == -EAGAIN || got == -EWOULDBLOCK) {
    return 0;
  }
  socket->read_error = (int)got;
  return got;
}

static int64_t write_outcome(struct bp_socket *socket, ssize_t taken) {
  if (taken >= 0) {
    return taken;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    return 0;
  }
  socket->is_write_broken = true;
  /* macOS says so of a socket that is being reset. */
  return errno == EPROTOTYPE ? -ECONNRESET : -errno;
}

static int64_t descriptor_writev(struct bp_socket *socket, const struct iovec *pieces, int count) {
  struct iovec piece = pieces[0];
  if (socket->may_block && !socket->is_always_ready) {
    if (!(bp_socket_probe(socket, BP_WRITE) & (BP_WRITE | BP_HUNG_UP | BP_ERROR))) {
      return 0;
    }
    /* That much a pipe that is ready takes without blocking; more might. */
    if (piece.iov_len > PIPE_BUF) {
      piece.iov_len = PIPE_BUF;
    }
    pieces = &piece;
    count = 1;
  }
  ssize_t taken = 0;
  do {
    taken = writev(socket->fd, pieces, count);
  } while (taken < 0 && errno == EINTR);
  return write_outcome(socket, taken);
}

int64_t bp_socket_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count) {
  struct iovec vector[BP_MAX_PIECES];
  const int refusal = connection_refuses(socket);
  if (refusal) {
    return refusal < 0 ? refusal : 0;
  }
  size_t total = 0;
  uint8_t used = 0; /* fits msg_iovlen, an int on some systems and a size_t on others */
  for (size_t i = 0; i < count && used < BP_MAX_PIECES; i++) {
    const size_t room = (size_t)INT_MAX - total;
    const size_t length = pieces[i].length < room ? pieces[i].length : room;
    if (length) {
      vector[used++] = (struct iovec){.iov_base = (void *)pieces[i].bytes, .iov_len = length};
      total += length;
    }
  }
  if (!used) {
    return 0;
  }
  if (socket->kind == BP_DESCRIPTOR) {
    return descriptor_writev(socket, vector, used);
  }
  const struct msghdr message = {.msg_iov = vector, .msg_iovlen = used};
  ssize_t taken = 0;
  do {
    taken = sendmsg(socket->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (taken < 0 && errno == EINTR);
  return write_outcome(socket, taken);
}

int64_t bp_socket_write(struct bp_socket *socket, const void *bytes, size_t length) {
  if (socket->kind == BP_DESCRIPTOR) {
    return bp_socket_writev(socket, &(struct bp_bytes){.bytes = bytes, .length = length}, 1);
  }
  const int refusal = connection_refuses(socket);
  if (refusal || length == 0) {
    return refusal < 0 ? refusal : 0;
  }
  ssize_t taken = 0;
  do {
    taken =
        send(socket->fd, bytes, length < INT_MAX ? length : INT_MAX, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (taken < 0 && errno == EINTR);
  return write_outcome(socket, taken);
}

int bp_socket_shutdown(struct bp_socket *socket) {
  const int refusal = connection_refuses(socket);
  if (refusal) {
    return refusal < 0 ? refusal : -ENOTCONN;
  }
  if (shutdown(socket->fd, SHUT_WR) < 0 && errno != ENOTCONN) {
    return -errno;
  }
  socket->is_write_broken = true;
  bp_watches_refresh(socket);
  return 0;
}
