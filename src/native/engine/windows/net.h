/* The socket calls that go by one name on every system, and their errors, which do not. */
#ifndef BIPOLL_NET_H
#define BIPOLL_NET_H

#include "windows_error.h"

#include <stdint.h>
#include <stdio.h>
#include <winsock2.h>
/* The order matters. */
#include <iphlpapi.h>
#include <mstcpip.h>
#include <mswsock.h>
#include <ws2tcpip.h>

#ifndef NDIS_IF_MAX_STRING_SIZE
#define NDIS_IF_MAX_STRING_SIZE 256 /* MinGW says IF_NAMESIZE by it, and leaves it out */
#endif

typedef ADDRESS_FAMILY sa_family_t;

/* The number of a socket as the system wants it. No handle of Windows has more than 32 bits. */
#define BP_NET(fd) ((SOCKET)(fd))

/* Call before any other socket call. */
void bp_net_start(void);

/* The type of a number about multicast over IPv4. */
typedef int bp_net_multicast_number;

/* What the last socket call of this thread failed with, as a negated errno. */
static inline int bp_net_error(void) {
  return bp_error_of_windows((unsigned long)WSAGetLastError());
}

/* Likewise of what SO_ERROR says. */
static inline int bp_net_error_of(int code) {
  return bp_error_of_windows((unsigned long)code);
}

/* Sets an option of a socket that is worth trying, and no reason to fail. */
static inline void bp_net_set_option(int fd, int level, int option, int value) {
  (void)setsockopt(BP_NET(fd), level, option, (const void *)&value, sizeof value);
}

/* The number of a network interface by its name: in addresses Windows knows numbers only, so 0. */
static inline uint32_t bp_net_interface_index(const char *name) {
  (void)name;
  return 0;
}

/* What an interface is called in an address: its number. */
static inline void bp_net_interface_name(uint32_t index, char name[IF_NAMESIZE]) {
  (void)snprintf(name, IF_NAMESIZE, "%u", (unsigned)index);
}

#endif
