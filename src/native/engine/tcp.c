/* TCP: servers, connections, options and addresses. */
#include "descriptor.h"
#include "probe.h"

#include <errno.h>
#include <string.h>

static void set_option(int fd, int level, int option, int value) {
  (void)setsockopt(BP_NET(fd), level, option, (const void *)&value, sizeof value);
}

/* Who else may have the port. */
static int share_port(int fd, const struct bp_listen_tcp_options *options) {
#ifdef _WIN32
  /* What SO_REUSEADDR is for elsewhere needs nothing here, and there it lets a stranger in. */
  set_option(fd, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
  return options->reuse_port ? -ENOTSUP : 0;
#else
  if (options->reuse_address) {
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  }
  if (options->reuse_port) {
    set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  }
  return 0;
#endif
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
  error = share_port(fd, options);
  if (address.any.sa_family == AF_INET6) {
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options->ipv6_only);
  }
  if (!error && (bind(BP_NET(fd), &address.any, bp_ip_address_length(&address)) < 0 ||
                 listen(BP_NET(fd), options->backlog) < 0)) {
    error = bp_net_error();
  }
  if (!error) {
    error = bp_socket_new(BP_TCP_SERVER, BP_LISTENING, fd, NULL, 0, out);
  }
  if (error) {
    bp_descriptor_close(fd);
  }
  return error;
}

static void set_keep_alive(int fd, bool enabled, unsigned idle_s) {
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, enabled);
#if defined(_WIN32)
  if (enabled && idle_s) {
    /* It wants both; a second between probes is the system's own. */
    struct tcp_keepalive values = {
        .onoff = 1, .keepalivetime = idle_s * 1000, .keepaliveinterval = 1000};
    DWORD unused = 0;
    (void)WSAIoctl(BP_NET(fd), SIO_KEEPALIVE_VALS, &values, sizeof values, NULL, 0, &unused, NULL,
                   NULL);
  }
#elif defined(TCP_KEEPIDLE)
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
#ifndef _WIN32
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
#endif
  return bind(BP_NET(fd), &address.any, bp_ip_address_length(&address)) < 0 ? bp_net_error() : 0;
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

#ifdef _WIN32

static bool is_loopback(const union bp_ip_address *address) {
  return address->any.sa_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr)
                                            : ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
}

/* A refusal is believed only after three tries, which take two seconds. On the way to ourselves
 * none gets lost, so the first is enough. Older systems know nothing of this, and go on trying. */
static void take_refusal_at_once(int fd, const union bp_ip_address *peer) {
  TCP_INITIAL_RTO_PARAMETERS parameters = {.Rtt = TCP_INITIAL_RTO_UNSPECIFIED_RTT,
                                           .MaxSynRetransmissions =
                                               TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS};
  DWORD unused = 0;
  if (is_loopback(peer)) {
    (void)WSAIoctl(BP_NET(fd), SIO_TCP_INITIAL_RTO, &parameters, sizeof parameters, NULL, 0,
                   &unused, NULL, NULL);
  }
}

#else

/* It is anyway. */
static void take_refusal_at_once(int fd, const union bp_ip_address *peer) {
  (void)fd;
  (void)peer;
}

#endif

static bool is_under_way(int error) {
#ifdef _WIN32
  return error == -EAGAIN;
#else
  return error == -EINPROGRESS || error == -EINTR; /* after which it goes on all the same */
#endif
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
    bp_descriptor_close(fd);
    return error;
  }
  socket->peer = peer;
  take_refusal_at_once(fd, &peer);
  /* A refusal is told by the connection, when asked. */
  if (connect(BP_NET(fd), &peer.any, bp_ip_address_length(&peer)) == 0) {
    socket->state = BP_CONNECTED;
  } else if (!is_under_way(bp_net_error())) {
    socket->state = BP_FAILED;
    socket->connect_error = bp_net_error();
  }
  *out = socket;
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

/* Of a connection that has no peer, and had no error to tell. */
static int outcome_without_peer(const struct bp_socket *socket) {
  const unsigned over = bp_socket_probe(socket, BP_WRITE) & (BP_HUNG_UP | BP_ERROR);
  if (over == BP_HUNG_UP) {
    return -ENOTCONN; /* it was adopted so, and nothing is under way */
  }
  if (over & BP_ERROR) {
    /* An error that has come since; or, on Windows, a reset before anybody looked, of which
     * SO_ERROR does not tell. */
    const int error = pending_error(socket->fd);
    return error ? error : -ECONNRESET;
  }
  return -EINPROGRESS;
}

int bp_tcp_outcome(const struct bp_socket *socket) {
  int error = pending_error(socket->fd);
  if (error) {
    return error;
  }
  union bp_ip_address peer;
  socklen_t length = sizeof peer;
  if (getpeername(BP_NET(socket->fd), &peer.any, &length) == 0) {
    return 0;
  }
  error = bp_net_error();
  if (error == -ENOTCONN) {
    return outcome_without_peer(socket);
  }
  /* EINVAL: some systems say so of a connection that was already reset. */
  return error == -EINVAL ? -ECONNRESET : error;
}

static int ip_address_of(int fd, int (*call)(int, struct sockaddr *, socklen_t *),
                         union bp_ip_address *out) {
  socklen_t length = sizeof *out;
  memset(out, 0, sizeof *out);
  if (call(fd, &out->any, &length) < 0) {
    return bp_net_error();
  }
  return out->any.sa_family == AF_INET || out->any.sa_family == AF_INET6 ? 0 : -EAFNOSUPPORT;
}

static int get_local(int fd, struct sockaddr *address, socklen_t *length) {
  return getsockname(BP_NET(fd), address, length);
}

static int get_remote(int fd, struct sockaddr *address, socklen_t *length) {
  return getpeername(BP_NET(fd), address, length);
}

int bp_socket_local_address(const struct bp_socket *socket, struct bp_address *out) {
  union bp_ip_address address;
  const int error = ip_address_of(socket->fd, get_local, &address);
  if (!error) {
    bp_ip_address_format(&address, out);
  }
  return error;
}

void bp_tcp_remember_peer(struct bp_socket *socket) {
  (void)ip_address_of(socket->fd, get_remote, &socket->peer);
}

int bp_socket_remote_address(const struct bp_socket *socket, struct bp_address *out) {
  /* Remembered, as the system forgets it when the connection ends. */
  if (socket->kind != BP_TCP_STREAM || !socket->peer.any.sa_family) {
    return -ENOTCONN;
  }
  bp_ip_address_format(&socket->peer, out);
  return 0;
}
