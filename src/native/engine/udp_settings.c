/* What can be set of a UDP socket: broadcast, hops, multicast groups and interfaces. */
#include "address.h"
#include "kind.h"

#include <errno.h>

/* The family of a socket, or a negated errno. */
static int family_of(const struct bp_socket *socket) {
  union bp_ip_address own;
  const int error = socket->ops == &bp_udp ? bp_ip_address_local(socket->fd, &own) : -EPROTOTYPE;
  return error ? error : own.any.sa_family;
}

static int set(const struct bp_socket *socket, int level, int option, const void *value,
               socklen_t size) {
  return setsockopt(BP_NET(socket->fd), level, option, value, size) < 0 ? bp_net_error() : 0;
}

static int set_number(const struct bp_socket *socket, int level, int option, int value) {
  return set(socket, level, option, &value, sizeof value);
}

/* For IPv4 some systems take a single byte here, and nothing larger. */
static int set_multicast(const struct bp_socket *socket, int family, int v4_option, int v6_option,
                         int value) {
  const bp_net_multicast_number number = (bp_net_multicast_number)value;
  return family == AF_INET ? set(socket, IPPROTO_IP, v4_option, &number, sizeof number)
                           : set_number(socket, IPPROTO_IPV6, v6_option, value);
}

int bp_udp_set(struct bp_socket *socket, enum bp_udp_setting setting, int value) {
  const int family = family_of(socket);
  if (family < 0) {
    return family;
  }
  switch (setting) {
  case BP_UDP_BROADCAST:
    return set_number(socket, SOL_SOCKET, SO_BROADCAST, value);
  case BP_UDP_TTL:
    return family == AF_INET ? set_number(socket, IPPROTO_IP, IP_TTL, value)
                             : set_number(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS, value);
  case BP_UDP_MULTICAST_TTL:
    return set_multicast(socket, family, IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS, value);
  case BP_UDP_MULTICAST_LOOPBACK:
    return set_multicast(socket, family, IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP, value);
  }
  return -EINVAL;
}

/* The address of an interface. NULL gives the unspecified address, with which the system chooses.
 * */
static int parse_interface(const char *by_host, int family, union bp_ip_address *out) {
  const char *any = family == AF_INET ? "0.0.0.0" : "::";
  const int error = bp_ip_address_parse(by_host ? by_host : any, 0, out);
  return !error && out->any.sa_family != family ? -EINVAL : error;
}

int bp_udp_set_membership(struct bp_socket *socket, const char *group, const char *by_host,
                          bool joins) {
  union bp_ip_address address;
  union bp_ip_address by;
  const int family = family_of(socket);
  if (family < 0) {
    return family;
  }
  int error = bp_ip_address_parse(group, 0, &address);
  if (!error) {
    error = address.any.sa_family == family ? parse_interface(by_host, family, &by) : -EINVAL;
  }
  if (error) {
    return error;
  }
  if (family == AF_INET) {
    const struct ip_mreq request = {.imr_multiaddr = address.v4.sin_addr,
                                    .imr_interface = by.v4.sin_addr};
    return set(socket, IPPROTO_IP, joins ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request,
               sizeof request);
  }
  const uint32_t index = by_host ? by.v6.sin6_scope_id : address.v6.sin6_scope_id;
  const struct ipv6_mreq request = {.ipv6mr_multiaddr = address.v6.sin6_addr,
                                    .ipv6mr_interface = index};
  return set(socket, IPPROTO_IPV6, joins ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request,
             sizeof request);
}

int bp_udp_set_multicast_interface(struct bp_socket *socket, const char *by_host) {
  union bp_ip_address by;
  const int family = family_of(socket);
  if (family < 0) {
    return family;
  }
  const int error = parse_interface(by_host, family, &by);
  if (error) {
    return error;
  }
  return family == AF_INET
             ? set(socket, IPPROTO_IP, IP_MULTICAST_IF, &by.v4.sin_addr, sizeof by.v4.sin_addr)
             : set_number(socket, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)by.v6.sin6_scope_id);
}
