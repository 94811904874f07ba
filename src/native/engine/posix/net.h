/* The socket calls that go by one name on every system, and their errors, which do not. */
#ifndef BIPOLL_NET_H
#define BIPOLL_NET_H

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* The number of a socket as the system wants it. */
#define BP_NET(fd) (fd)

/* Call before any other socket call. */
static inline void bp_net_start(void) {
}

/* The type of a number about multicast over IPv4: some systems take a byte and nothing else. */
typedef unsigned char bp_net_multicast_number;

/* What the last socket call of this thread failed with, as a negated errno. */
static inline int bp_net_error(void) {
  return -errno;
}

/* Likewise of what SO_ERROR says. */
static inline int bp_net_error_of(int code) {
  return -code;
}

/* Sets an option of a socket that is worth trying, and no reason to fail. */
static inline void bp_net_set_option(int fd, int level, int option, int value) {
  (void)setsockopt(BP_NET(fd), level, option, (const void *)&value, sizeof value);
}

/* The number of a network interface by its name; 0: none has that name. */
static inline uint32_t bp_net_interface_index(const char *name) {
  return if_nametoindex(name);
}

/* What an interface is called in an address; "" if there is none of that number. */
static inline void bp_net_interface_name(uint32_t index, char name[IF_NAMESIZE]) {
  if (!if_indextoname(index, name)) {
    name[0] = '\0';
  }
}

#endif
