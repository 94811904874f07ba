/* UDP over IPv4 and IPv6. */
#include "address.h"
#include "datagram.h"
#include "descriptor.h"
#include "fd_message.h"
#include "fd_socket.h"
#include "kind.h"

#include <errno.h>
#include <string.h>

struct udp_socket {
  struct bp_socket socket; /* first */
  uint32_t dropped; /* the count of the last message that told of any: see struct bp_arrival */
};

static int udp_adopt(int fd, struct bp_socket **out) {
  const int error = bp_socket_new(&bp_udp, BP_STATE_CONNECTED, fd, NULL, 0, out);
  if (!error) {
    bp_fd_prepare_datagrams(fd);
  }
  return error;
}

/* ---- Opening ---- */

static void share_port(int fd, const struct bp_udp_options *options) {
  if (options->reuse_address) {
    bp_net_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  }
#ifdef SO_REUSEPORT
#ifdef __linux__
  const bool shares = options->reuse_port;
#else
  /* Where SO_REUSEADDR lets two have a port only if their addresses differ. */
  const bool shares = options->reuse_port || options->reuse_address;
#endif
  if (shares) {
    bp_net_set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  }
#endif
}

static void set_buffers(int fd, const struct bp_udp_options *options) {
  if (options->receive_buffer_bytes) {
    bp_net_set_option(fd, SOL_SOCKET, SO_RCVBUF, options->receive_buffer_bytes);
  }
  if (options->send_buffer_bytes) {
    bp_net_set_option(fd, SOL_SOCKET, SO_SNDBUF, options->send_buffer_bytes);
  }
}

static int bind_and_connect(int fd, const struct bp_udp_options *options,
                            const union bp_ip_address *own) {
  union bp_ip_address peer;
  share_port(fd, options);
  set_buffers(fd, options);
  if (own->any.sa_family == AF_INET6) {
    bp_net_set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options->ipv6_only);
  }
  if (bind(BP_NET(fd), &own->any, bp_ip_address_length(own)) < 0) {
    return bp_net_error();
  }
  if (!options->peer_host) {
    return 0;
  }
  const int error = bp_ip_address_parse(options->peer_host, options->peer_port, &peer);
  if (error) {
    return error;
  }
  return connect(BP_NET(fd), &peer.any, bp_ip_address_length(&peer)) < 0 ? bp_net_error() : 0;
}

int bp_open_udp(const struct bp_udp_options *options, struct bp_socket **out) {
  union bp_ip_address own;
  int fd = -1;
  int error = bp_ip_address_parse(options->host, options->port, &own);
  if (error) {
    return error;
  }
  error = bp_descriptor_socket(own.any.sa_family, SOCK_DGRAM, &fd);
  if (error) {
    return error;
  }
  error = bind_and_connect(fd, options, &own);
  if (!error) {
    error = udp_adopt(fd, out);
  }
  if (error) {
    bp_descriptor_close(fd);
  }
  return error;
}

static int udp_remote_address(const struct bp_socket *socket, struct bp_address *out) {
  union bp_ip_address peer;
  const int error = bp_ip_address_remote(socket->fd, &peer);
  if (!error) {
    bp_ip_address_format(&peer, out);
  }
  return error;
}

/* ---- Messages ---- */

static bool has_same_sender(const struct bp_arrival *one, const struct bp_arrival *other) {
  return one->from_length == other->from_length &&
         memcmp(&one->from, &other->from, (size_t)one->from_length) == 0;
}

static void note_sender(const struct bp_arrival *arrival, struct bp_endpoint *from) {
  union bp_ip_address address;
  const int family = arrival->from.ss_family;
  memset(from, 0, sizeof *from);
  if (arrival->from_length > 0 && (family == AF_INET || family == AF_INET6)) {
    memcpy(&address, &arrival->from, sizeof address);
    bp_ip_address_format(&address, &from->address);
  }
}

static int udp_receive(struct bp_socket *socket, struct bp_message *messages, size_t count) {
  struct udp_socket *udp = (struct udp_socket *)socket;
  struct bp_arrival arrivals[BP_MAX_MESSAGES];
  const int got = bp_fd_receive(socket->fd, messages, arrivals, count);
  for (int i = 0; i < got; i++) {
    /* Writing an address as text takes a large part of what a small message costs. */
    if (i > 0 && has_same_sender(&arrivals[i - 1], &arrivals[i])) {
      messages[i].from = messages[i - 1].from;
    } else {
      note_sender(&arrivals[i], &messages[i].from);
    }
    /* Linux says nothing before the first drop. */
    const uint32_t dropped = arrivals[i].dropped ? arrivals[i].dropped : udp->dropped;
    messages[i].dropped = dropped - udp->dropped;
    udp->dropped = dropped;
  }
  return got;
}

static int udp_send(struct bp_socket *socket, const struct bp_outgoing *messages, size_t count) {
  union bp_ip_address addresses[BP_MAX_MESSAGES];
  struct bp_departure departures[BP_MAX_MESSAGES];
  for (size_t i = 0; i < count; i++) {
    const struct bp_endpoint *to = messages[i].to;
    departures[i] = (struct bp_departure){.bytes = messages[i].bytes, .length = messages[i].length};
    if (!to) {
      continue;
    }
    if (i > 0 && to == messages[i - 1].to) {
      departures[i].to = departures[i - 1].to;
      departures[i].to_length = departures[i - 1].to_length;
      continue;
    }
    const int error = bp_ip_address_parse(to->address.host, to->address.port, &addresses[i]);
    if (error) {
      return i > 0 ? bp_fd_send(socket->fd, departures, i) : error;
    }
    departures[i].to = &addresses[i].any;
    departures[i].to_length = bp_ip_address_length(&addresses[i]);
  }
  return bp_fd_send(socket->fd, departures, count);
}

const struct bp_kind_ops bp_udp = {
    .kind = BP_KIND_UDP,
    .size = sizeof(struct udp_socket),
    .events = BP_DATAGRAM_EVENTS,
    .adopt = udp_adopt,
    .close = bp_fd_close,
    .interest = bp_datagram_interest,
    .ask_at = bp_datagram_ask_at,
    .holds = bp_datagram_holds,
    .receive = udp_receive,
    .send = udp_send,
    .remote_address = udp_remote_address,
};
