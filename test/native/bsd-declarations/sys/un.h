/* What <sys/un.h> has beside, on each system: unix(4). */
#include_next <sys/un.h>

#ifndef BSD_DECLARATIONS_SYS_UN_H
#define BSD_DECLARATIONS_SYS_UN_H

#if defined(__FreeBSD__) || defined(__DragonFly__)
#define SOL_LOCAL 0
#define LOCAL_PEERCRED 1
#endif

#ifdef __NetBSD__
#define LOCAL_PEEREID 3

struct unpcbid {
  pid_t unp_pid;
  uid_t unp_euid;
  gid_t unp_egid;
};
#endif

#endif
