/* The socket calls that go by one name on every system, and their errors, which do not. */
#ifndef BIPOLL_NET_H
#define BIPOLL_NET_H

#ifdef _WIN32

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

/* Before any other call of Winsock. */
void bp_net_start(void);

/* An error of Windows, of Winsock too, as a negated errno. */
int bp_error_of_windows(unsigned long code);

/* What the last socket call of this thread failed with, as a negated errno. */
static inline int bp_net_error(void) {
  return bp_error_of_windows((unsigned long)WSAGetLastError());
}

/* Likewise of what SO_ERROR says. */
static inline int bp_net_error_of(int code) {
  return bp_error_of_windows((unsigned long)code);
}

#else

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define BP_NET(fd) (fd)

static inline void bp_net_start(void) {
}

static inline int bp_net_error(void) {
  return -errno;
}

static inline int bp_net_error_of(int code) {
  return -code;
}

#endif

#endif
