/* What else the systems with kqueue(2) have, and Linux has by another name. For tests alone. */
#define _GNU_SOURCE

#include <sys/socket.h>
#include <unistd.h>

int getpeereid(int fd, uid_t *uid, gid_t *gid) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) {
    return -1;
  }
  *uid = peer.uid;
  *gid = peer.gid;
  return 0;
}
