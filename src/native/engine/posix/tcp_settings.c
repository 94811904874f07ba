#include "tcp_settings.h"

#include <string.h>

#ifdef SO_LINGER_SEC
#define LINGER_IN_SECONDS SO_LINGER_SEC /* of macOS, where SO_LINGER counts ticks */
#else
#define LINGER_IN_SECONDS SO_LINGER
#endif

/* The settings that are a single number. What a system lacks is left out. */
static const struct {
  int level, option;
} plain[BP_TCP_SETTINGS] = {
    [BP_TCP_NO_DELAY] = {IPPROTO_TCP, TCP_NODELAY},
    [BP_TCP_KEEP_ALIVE] = {SOL_SOCKET, SO_KEEPALIVE},
#if defined(TCP_KEEPIDLE)
    [BP_TCP_KEEP_ALIVE_IDLE_S] = {IPPROTO_TCP, TCP_KEEPIDLE},
#elif defined(TCP_KEEPALIVE)
    [BP_TCP_KEEP_ALIVE_IDLE_S] = {IPPROTO_TCP, TCP_KEEPALIVE},
#endif
#ifdef TCP_KEEPINTVL
    [BP_TCP_KEEP_ALIVE_INTERVAL_S] = {IPPROTO_TCP, TCP_KEEPINTVL},
#endif
#ifdef TCP_KEEPCNT
    [BP_TCP_KEEP_ALIVE_COUNT] = {IPPROTO_TCP, TCP_KEEPCNT},
#endif
#ifdef TCP_USER_TIMEOUT
    [BP_TCP_USER_TIMEOUT_MS] = {IPPROTO_TCP, TCP_USER_TIMEOUT},
#endif
    [BP_TCP_RECEIVE_BUFFER_BYTES] = {SOL_SOCKET, SO_RCVBUF},
    [BP_TCP_SEND_BUFFER_BYTES] = {SOL_SOCKET, SO_SNDBUF},
};

static int set(int fd, int level, int option, const void *value, socklen_t size) {
  return setsockopt(fd, level, option, value, size) < 0 ? bp_net_error() : 0;
}

static int set_linger(int fd, int option, int value) {
  const struct linger linger = {.l_onoff = 1, .l_linger = value};
  return set(fd, SOL_SOCKET, option, &linger, sizeof linger);
}

/* The family of a socket, also of one that is not bound yet. */
static int family_of(int fd) {
  union bp_ip_address own = {.any = {.sa_family = AF_UNSPEC}};
  socklen_t length = sizeof own;
  return getsockname(fd, &own.any, &length) < 0 ? AF_UNSPEC : own.any.sa_family;
}

static int set_type_of_service(int fd, int value) {
  if (family_of(fd) != AF_INET6) {
    return set(fd, IPPROTO_IP, IP_TOS, &value, sizeof value);
  }
  bp_net_set_option(fd, IPPROTO_IP, IP_TOS, value); /* of IPv4 clients, where it takes them */
  return set(fd, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof value);
}

static int set_number(int fd, enum bp_tcp_setting setting, int value) {
  if (setting == BP_TCP_LINGER_S) {
    return set_linger(fd, LINGER_IN_SECONDS, value);
  }
  if (setting == BP_TCP_TYPE_OF_SERVICE) {
    return set_type_of_service(fd, value);
  }
  return plain[setting].option
             ? set(fd, plain[setting].level, plain[setting].option, &value, sizeof value)
             : -ENOPROTOOPT;
}

#if defined(IP_BOUND_IF)
static int set_interface(int fd, const char *name) {
  const unsigned index = if_nametoindex(name);
  if (!index) {
    return -ENODEV;
  }
  return family_of(fd) == AF_INET6 ? set(fd, IPPROTO_IPV6, IPV6_BOUND_IF, &index, sizeof index)
                                   : set(fd, IPPROTO_IP, IP_BOUND_IF, &index, sizeof index);
}
#elif defined(SO_BINDTODEVICE)
static int set_interface(int fd, const char *name) {
  return set(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name));
}
#else
static int set_interface(int fd, const char *name) {
  (void)fd;
  (void)name;
  return -ENOPROTOOPT;
}
#endif

int bp_tcp_set(int fd, const struct bp_tcp_options *options) {
  for (int setting = 0; setting < BP_TCP_SETTINGS; setting++) {
    const int error = options->given & 1U << setting
                          ? set_number(fd, (enum bp_tcp_setting)setting, options->numbers[setting])
                          : 0;
    if (error) {
      return error;
    }
  }
  return options->network_interface ? set_interface(fd, options->network_interface) : 0;
}

int bp_tcp_reset_on_close(int fd) {
  return set_linger(fd, SO_LINGER, 0);
}
