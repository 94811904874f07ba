/* TCP servers. */
#include "address.h"
#include "descriptor.h"
#include "fd_socket.h"
#include "kind.h"
#include "server.h"
#include "tcp.h"
#include "tcp_settings.h"
#include "tcp_stream.h"

static int new_server(int fd, struct bp_socket **out) {
  return bp_socket_new(&bp_tcp_server, BP_STATE_LISTENING, fd, NULL, 0, out);
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
  error = bp_tcp_share_port(fd, options);
  if (!error) {
    error = bp_tcp_set(fd, &options->tcp);
  }
  if (address.any.sa_family == AF_INET6) {
    bp_net_set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options->ipv6_only);
  }
  if (!error && (bind(BP_NET(fd), &address.any, bp_ip_address_length(&address)) < 0 ||
                 listen(BP_NET(fd), options->backlog) < 0)) {
    error = bp_net_error();
  }
  if (!error) {
    error = new_server(fd, out);
  }
  if (error) {
    bp_descriptor_close(fd);
  }
  return error;
}

static int tcp_server_accept(struct bp_socket *server, struct bp_socket **out) {
  int fd = -1;
  int error = bp_descriptor_accept(server->fd, &fd);
  if (error) {
    return error;
  }
  error = bp_tcp_stream_of_accepted(fd, out);
  if (error) {
    bp_descriptor_close(fd);
  }
  return error;
}

const struct bp_kind_ops bp_tcp_server = {
    .kind = BP_KIND_TCP_SERVER,
    .size = sizeof(struct bp_socket),
    .events = BP_SERVER_EVENTS,
    .adopt = new_server,
    .close = bp_fd_close,
    .interest = bp_server_interest,
    .ask_at = bp_server_ask_at,
    .holds = bp_server_holds,
    .accept = tcp_server_accept,
};
