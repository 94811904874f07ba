/* As FreeBSD declares it: ucred(9), unix(4). The sizes are not right, the names and kinds are. */
#ifndef BSD_DECLARATIONS_SYS_UCRED_H
#define BSD_DECLARATIONS_SYS_UCRED_H

#include <sys/types.h>

#define XUCRED_VERSION 0
#define XU_NGROUPS 16

struct xucred {
  unsigned cr_version;
  uid_t cr_uid;
  short cr_ngroups;
  gid_t cr_groups[XU_NGROUPS];
  pid_t cr_pid; /* since 13 */
};

#endif
