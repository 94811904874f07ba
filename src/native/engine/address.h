/* Numeric addresses, to and from the system's structures. */
#ifndef BIPOLL_ADDRESS_H
#define BIPOLL_ADDRESS_H

#include "engine.h"
#include "net.h"

union bp_ip_address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

/* -EINVAL if host is not numeric. */
int bp_ip_address_parse(const char *host, uint16_t port, union bp_ip_address *out);
void bp_ip_address_format(const union bp_ip_address *address, struct bp_address *out);
/* Whether host and port are the same. */
bool bp_ip_address_equals(const union bp_ip_address *one, const union bp_ip_address *other);
socklen_t bp_ip_address_length(const union bp_ip_address *address);

/* The addresses of the two ends of a socket. -EAFNOSUPPORT: it has none of the Internet. */
int bp_ip_address_local(int fd, union bp_ip_address *out);
int bp_ip_address_remote(int fd, union bp_ip_address *out);

#endif
