#include "address.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The index of an interface, given by name or by number; 0: there is none. */
static uint32_t parse_scope(const char *scope) {
  const uint32_t index = bp_net_interface_index(scope);
  if (index) {
    return index;
  }
  char *end = NULL;
  const unsigned long long number = strtoull(scope, &end, 10);
  return isdigit((unsigned char)*scope) && !*end && number <= UINT32_MAX ? (uint32_t)number : 0;
}

static bool parse_v6(const char *host, struct sockaddr_in6 *out) {
  char plain[INET6_ADDRSTRLEN];
  const char *scope = strchr(host, '%');
  const size_t length = scope ? (size_t)(scope - host) : strlen(host);
  if (length >= sizeof plain) {
    return false;
  }
  memcpy(plain, host, length);
  plain[length] = '\0';
  if (inet_pton(AF_INET6, plain, &out->sin6_addr) != 1) {
    return false;
  }
  if (scope) {
    out->sin6_scope_id = parse_scope(scope + 1);
    return out->sin6_scope_id != 0;
  }
  return true;
}

int bp_ip_address_parse(const char *host, uint16_t port, union bp_ip_address *out) {
  bp_net_start();
  memset(out, 0, sizeof *out);
  if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(port);
    return 0;
  }
  if (parse_v6(host, &out->v6)) {
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(port);
    return 0;
  }
  return -EINVAL;
}

int bp_address_family(const char *text) {
  union bp_ip_address address;
  if (bp_ip_address_parse(text, 0, &address)) {
    return 0;
  }
  return address.any.sa_family == AF_INET ? 4 : 6;
}

void bp_ip_address_format(const union bp_ip_address *address, struct bp_address *out) {
  if (address->any.sa_family == AF_INET) {
    inet_ntop(AF_INET, &address->v4.sin_addr, out->host, sizeof out->host);
    out->port = ntohs(address->v4.sin_port);
    return;
  }
  inet_ntop(AF_INET6, &address->v6.sin6_addr, out->host, sizeof out->host);
  out->port = ntohs(address->v6.sin6_port);
  if (address->v6.sin6_scope_id) {
    char name[IF_NAMESIZE];
    const size_t length = strlen(out->host);
    bp_net_interface_name(address->v6.sin6_scope_id, name);
    if (name[0]) {
      (void)snprintf(out->host + length, sizeof out->host - length, "%%%s", name);
    }
  }
}

bool bp_ip_address_equals(const union bp_ip_address *one, const union bp_ip_address *other) {
  if (one->any.sa_family != other->any.sa_family) {
    return false;
  }
  if (one->any.sa_family == AF_INET) {
    return one->v4.sin_port == other->v4.sin_port &&
           memcmp(&one->v4.sin_addr, &other->v4.sin_addr, sizeof one->v4.sin_addr) == 0;
  }
  return one->v6.sin6_port == other->v6.sin6_port &&
         one->v6.sin6_scope_id == other->v6.sin6_scope_id &&
         memcmp(&one->v6.sin6_addr, &other->v6.sin6_addr, sizeof one->v6.sin6_addr) == 0;
}

socklen_t bp_ip_address_length(const union bp_ip_address *address) {
  return address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
}

static int checked(int result, const union bp_ip_address *address) {
  if (result < 0) {
    return bp_net_error();
  }
  return address->any.sa_family == AF_INET || address->any.sa_family == AF_INET6 ? 0
                                                                                 : -EAFNOSUPPORT;
}

int bp_ip_address_local(int fd, union bp_ip_address *out) {
  socklen_t length = sizeof *out;
  memset(out, 0, sizeof *out);
  return checked(getsockname(BP_NET(fd), &out->any, &length), out);
}

int bp_ip_address_remote(int fd, union bp_ip_address *out) {
  socklen_t length = sizeof *out;
  memset(out, 0, sizeof *out);
  return checked(getpeername(BP_NET(fd), &out->any, &length), out);
}
