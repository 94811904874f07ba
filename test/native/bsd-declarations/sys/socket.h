/* What <sys/socket.h> has beside, on OpenBSD: getsockopt(2). */
#include_next <sys/socket.h>

#if defined(__OpenBSD__) && !defined(BSD_DECLARATIONS_SYS_SOCKET_H)
#define BSD_DECLARATIONS_SYS_SOCKET_H

struct sockpeercred {
  uid_t uid;
  gid_t gid;
  pid_t pid;
};

#endif
