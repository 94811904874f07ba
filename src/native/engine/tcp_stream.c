/* TCP connections, ours and those that a server accepted. */
#include "tcp_stream.h"

#include "descriptor.h"
#include "fd_socket.h"
#include "kind.h"
#include "probe.h"
#include "state.h"
#include "stream.h"
#include "tcp.h"
#include "tcp_information.h"
#include "tcp_settings.h"

#include <errno.h>

struct tcp_stream {
  struct bp_socket socket;  /* first */
  union bp_ip_address peer; /* remembered, as the system forgets it when the connection ends */
  bool has_own_port;        /* which we chose, so that connecting to itself was asked for */
};

static int new_stream(enum bp_state state, int fd, struct bp_socket **out) {
  return bp_socket_new(&bp_tcp_stream, state, fd, NULL, 0, out);
}

static int stream_of_connected(enum bp_state state, int fd, struct bp_socket **out) {
  const int error = new_stream(state, fd, out);
  if (!error) {
    (void)bp_ip_address_remote(fd, &((struct tcp_stream *)*out)->peer);
  }
  return error;
}

int bp_tcp_stream_of_accepted(int fd, struct bp_socket **out) {
  return stream_of_connected(BP_STATE_CONNECTED, fd, out);
}

/* It may still be connecting, and others have chosen its port. */
static int tcp_stream_adopt(int fd, struct bp_socket **out) {
  const int error = stream_of_connected(BP_STATE_CONNECTING, fd, out);
  if (!error) {
    ((struct tcp_stream *)*out)->has_own_port = true;
  }
  return error;
}

/* ---- Connecting ---- */

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
  bp_tcp_reuse_local_port(fd);
  return bind(BP_NET(fd), &address.any, bp_ip_address_length(&address)) < 0 ? bp_net_error() : 0;
}

static int prepare_connection(int fd, const struct bp_connect_tcp_options *options,
                              sa_family_t family) {
  const int error = bp_tcp_set(fd, &options->tcp);
  return error ? error : bind_local(fd, options, family);
}

int bp_connect_tcp(const struct bp_connect_tcp_options *options, struct bp_socket **out) {
  union bp_ip_address peer;
  int fd = -1;
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
    error = new_stream(BP_STATE_CONNECTING, fd, out);
  }
  if (error) {
    bp_descriptor_close(fd);
    return error;
  }
  ((struct tcp_stream *)*out)->peer = peer;
  ((struct tcp_stream *)*out)->has_own_port = options->local_port != 0;
  /* A refusal is told by the connection, when asked. */
  bp_state_connecting(*out, bp_tcp_connect(fd, &peer));
  return 0;
}

static int pending_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(BP_NET(fd), SOL_SOCKET, SO_ERROR, (void *)&error, &length) < 0) {
    return bp_net_error();
  }
  return error ? bp_net_error_of(error) : 0;
}

/* What became of a connection that has no peer and no pending error. */
static int outcome_without_peer(const struct bp_socket *socket) {
  const unsigned over =
      bp_socket_probe(socket, BP_READINESS_WRITE) & (BP_READINESS_HUNG_UP | BP_READINESS_ERROR);
  if (over == BP_READINESS_HUNG_UP) {
    return -ENOTCONN; /* it was adopted so, and nothing is under way */
  }
  if (over & BP_READINESS_ERROR) {
    /* An error that came since; or, on Windows, a reset that came before anybody looked, which
     * SO_ERROR does not report. */
    const int error = pending_error(socket->fd);
    return error ? error : -ECONNRESET;
  }
  return -EINPROGRESS;
}

/*
 * Whether bytes have come: then it was connected, whatever has happened since. Look before asking
 * SO_ERROR, which would take the error that comes behind those bytes. Where there are no bytes,
 * POSIX systems give that error to the look ahead itself: *taken.
 */
static bool has_bytes(struct bp_socket *socket, int *taken) {
  char byte = 0;
  int64_t got = 0;
  do {
    got = bp_fd_read(socket, &byte, 1, true);
  } while (got == -EINTR);
  const bool tells_nothing =
      got >= 0 || got == -EAGAIN || got == -EWOULDBLOCK || got == -ENOTCONN || bp_is_passing(got);
  *taken = tells_nothing ? 0 : (int)got;
  return got > 0;
}

/* The system may choose as our own port the very one that we connect to, if nobody listens there.
 * */
static bool has_met_itself(const struct tcp_stream *stream) {
  union bp_ip_address own;
  return !stream->has_own_port && bp_ip_address_local(stream->socket.fd, &own) == 0 &&
         bp_ip_address_equals(&own, &stream->peer);
}

static int tcp_stream_connect(struct bp_socket *socket) {
  struct tcp_stream *stream = (struct tcp_stream *)socket;
  int taken = 0;
  if (has_bytes(socket, &taken)) {
    (void)bp_ip_address_remote(socket->fd, &stream->peer);
    return has_met_itself(stream) ? -ECONNREFUSED : 0;
  }
  int error = pending_error(socket->fd);
  if (error || taken) {
    return error ? error : taken;
  }
  union bp_ip_address peer;
  socklen_t length = sizeof peer;
  if (getpeername(BP_NET(socket->fd), &peer.any, &length) == 0) {
    stream->peer = peer; /* a connect to 0.0.0.0 reaches another address */
    return has_met_itself(stream) ? -ECONNREFUSED : 0;
  }
  error = bp_net_error();
  if (error == -ENOTCONN) {
    return outcome_without_peer(socket);
  }
  /* EINVAL: some systems say so of a connection that was already reset. */
  return error == -EINVAL ? -ECONNRESET : error;
}

/* ---- The rest ---- */

int bp_socket_set_tcp(struct bp_socket *socket, const struct bp_tcp_options *options) {
  const enum bp_kind kind = socket->ops->kind;
  const bool is_tcp = kind == BP_KIND_TCP_STREAM || kind == BP_KIND_TCP_SERVER;
  return is_tcp ? bp_tcp_set(socket->fd, options) : -EPROTOTYPE;
}

int bp_socket_reset_on_close(struct bp_socket *socket) {
  return socket->ops == &bp_tcp_stream ? bp_tcp_reset_on_close(socket->fd) : -EPROTOTYPE;
}

static int64_t buffer_bytes(int fd, int option) {
  int bytes = 0;
  socklen_t length = sizeof bytes;
  return getsockopt(BP_NET(fd), SOL_SOCKET, option, (void *)&bytes, &length) < 0 ? -1 : bytes;
}

int bp_socket_tcp_information(const struct bp_socket *socket, struct bp_tcp_information *out) {
  if (socket->ops != &bp_tcp_stream) {
    return -EPROTOTYPE;
  }
  *out = (struct bp_tcp_information){-1, -1, -1, -1, -1, -1, -1, -1, -1};
  out->receive_buffer_bytes = buffer_bytes(socket->fd, SO_RCVBUF);
  out->send_buffer_bytes = buffer_bytes(socket->fd, SO_SNDBUF);
  return bp_tcp_ask(socket->fd, out);
}

static int tcp_stream_remote_address(const struct bp_socket *socket, struct bp_address *out) {
  const struct tcp_stream *stream = (const struct tcp_stream *)socket;
  union bp_ip_address peer;
  if (bp_ip_address_remote(socket->fd, &peer) != 0) {
    peer = stream->peer; /* not connected yet, or no longer */
  }
  if (!peer.any.sa_family) {
    return -ENOTCONN;
  }
  bp_ip_address_format(&peer, out);
  return 0;
}

static void tcp_stream_close(struct bp_socket *socket) {
  if (socket->given_back && !socket->leaves_open) {
    (void)bp_tcp_reset_on_close(socket->fd); /* as the system does with bytes that nobody read */
  }
  bp_fd_close(socket);
}

const struct bp_kind_ops bp_tcp_stream = {
    .kind = BP_KIND_TCP_STREAM,
    .size = sizeof(struct tcp_stream),
    .events = BP_STREAM_EVENTS,
    .adopt = tcp_stream_adopt,
    .close = tcp_stream_close,
    .connect = tcp_stream_connect,
    .interest = bp_stream_interest,
    .ask_at = bp_stream_ask_at,
    .holds = bp_stream_holds,
    .has_final_errors = true,
    .read = bp_fd_read,
    .write = bp_fd_write,
    .writev = bp_fd_writev,
    .has_half_close = true,
    .end = bp_fd_end,
    .remote_address = tcp_stream_remote_address,
};
