#include "tcp_settings.h"

#include <errno.h>
#include <netioapi.h>

/* Of Windows 10; MinGW leaves them out. */
#ifndef TCP_KEEPCNT
#define TCP_KEEPCNT 16
#endif
#ifndef TCP_KEEPINTVL
#define TCP_KEEPINTVL 17
#endif

#define MAX_INTERFACE_NAME 256

/* The system's own, where only one of the two is given. */
#define KEEP_ALIVE_IDLE_S 7200
#define KEEP_ALIVE_INTERVAL_S 1

static int set(int fd, int level, int option, const void *value, int size) {
  return setsockopt(BP_NET(fd), level, option, value, size) < 0 ? bp_net_error() : 0;
}

static bool has(const struct bp_tcp_options *options, enum bp_tcp_setting setting) {
  return options->given & 1U << setting;
}

/* Older systems have no option for each of the times, but a call that wants both. It also turns
 * probing on. */
static int set_keep_alive_times(int fd, const struct bp_tcp_options *options) {
  const int *numbers = options->numbers;
  const bool has_idle = has(options, BP_TCP_KEEP_ALIVE_IDLE_S);
  const bool has_interval = has(options, BP_TCP_KEEP_ALIVE_INTERVAL_S);
  const int idle_s = has_idle ? numbers[BP_TCP_KEEP_ALIVE_IDLE_S] : KEEP_ALIVE_IDLE_S;
  const int interval_s =
      has_interval ? numbers[BP_TCP_KEEP_ALIVE_INTERVAL_S] : KEEP_ALIVE_INTERVAL_S;
  struct tcp_keepalive values = {.onoff = 1,
                                 .keepalivetime = (ULONG)idle_s * 1000,
                                 .keepaliveinterval = (ULONG)interval_s * 1000};
  DWORD unused = 0;
  if (!has_idle && !has_interval) {
    return 0;
  }
  if (!has(options, BP_TCP_KEEP_ALIVE) || !numbers[BP_TCP_KEEP_ALIVE]) {
    return has_interval ? set(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s) : 0;
  }
  return WSAIoctl(BP_NET(fd), SIO_KEEPALIVE_VALS, &values, sizeof values, NULL, 0, &unused, NULL,
                  NULL)
             ? bp_net_error()
             : 0;
}

static int set_linger(int fd, int seconds) {
  const struct linger linger = {.l_onoff = 1, .l_linger = (u_short)seconds};
  return set(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static int set_number(int fd, enum bp_tcp_setting setting, int value) {
  switch (setting) {
  case BP_TCP_NO_DELAY:
    return set(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof value);
  case BP_TCP_KEEP_ALIVE:
    return set(fd, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof value);
  case BP_TCP_KEEP_ALIVE_IDLE_S:
  case BP_TCP_KEEP_ALIVE_INTERVAL_S:
    return 0; /* both together, afterwards */
  case BP_TCP_KEEP_ALIVE_COUNT:
    return set(fd, IPPROTO_TCP, TCP_KEEPCNT, &value, sizeof value);
  case BP_TCP_LINGER_S:
    /* With a time the close of a non-blocking socket fails, and leaves it open. */
    return value > 0 ? -ENOPROTOOPT : set_linger(fd, 0);
  case BP_TCP_RECEIVE_BUFFER_BYTES:
    return set(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof value);
  case BP_TCP_SEND_BUFFER_BYTES:
    return set(fd, SOL_SOCKET, SO_SNDBUF, &value, sizeof value);
  case BP_TCP_USER_TIMEOUT_MS:
  case BP_TCP_TYPE_OF_SERVICE: /* IP_TOS is taken, and does nothing */
    break;
  }
  return -ENOPROTOOPT;
}

/* The number of an interface by the name that its user knows it by, such as "Ethernet"; 0: none has
 * that name. */
static DWORD index_of_interface(const char *name) {
  WCHAR alias[MAX_INTERFACE_NAME + 1];
  NET_LUID luid;
  NET_IFINDEX index = 0;
  if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, name, -1, alias,
                           MAX_INTERFACE_NAME + 1) ||
      ConvertInterfaceAliasToLuid(alias, &luid) || ConvertInterfaceLuidToIndex(&luid, &index)) {
    return 0;
  }
  return index;
}

static int set_interface(int fd, const char *name) {
  WSAPROTOCOL_INFOW protocol = {0};
  int length = sizeof protocol;
  const DWORD index = index_of_interface(name);
  if (!index) {
    return -ENODEV;
  }
  if (getsockopt(BP_NET(fd), SOL_SOCKET, SO_PROTOCOL_INFOW, (void *)&protocol, &length) < 0) {
    return bp_net_error();
  }
  const DWORD in_network_order = htonl(index); /* as IPv4 wants it, and IPv6 does not */
  return protocol.iAddressFamily == AF_INET6
             ? set(fd, IPPROTO_IPV6, IPV6_UNICAST_IF, &index, sizeof index)
             : set(fd, IPPROTO_IP, IP_UNICAST_IF, &in_network_order, sizeof in_network_order);
}

int bp_tcp_set(int fd, const struct bp_tcp_options *options) {
  int error = 0;
  for (int setting = 0; setting < BP_TCP_SETTINGS && !error; setting++) {
    if (has(options, (enum bp_tcp_setting)setting)) {
      error = set_number(fd, (enum bp_tcp_setting)setting, options->numbers[setting]);
    }
  }
  if (!error) {
    error = set_keep_alive_times(fd, options);
  }
  if (!error && options->network_interface) {
    error = set_interface(fd, options->network_interface);
  }
  return error;
}

int bp_tcp_reset_on_close(int fd) {
  return set_linger(fd, 0);
}
