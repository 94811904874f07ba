/* What <unistd.h> has beside, on the systems that have kqueue(2). */
#include_next <unistd.h>

#ifndef KQUEUE_DOUBLE_UNISTD_H
#define KQUEUE_DOUBLE_UNISTD_H

int getpeereid(int fd, uid_t *uid, gid_t *gid);

#endif
