/* Who is at the other end of a local stream: each system has its own way to ask. */
#include "kind.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef __linux__
#include <sys/un.h>
#endif
#ifdef LOCAL_PEERCRED
#include <sys/param.h>
#include <sys/ucred.h>
#endif
#ifndef SOL_LOCAL
#define SOL_LOCAL 0 /* as it is on all systems that have it */
#endif

#define UNKNOWN_PID (-1)

/* ---- The process and its user ---- */

#if defined(__linux__) || defined(__OpenBSD__)

#ifdef __linux__
typedef struct ucred peer_credentials;
#else
typedef struct sockpeercred peer_credentials;
#endif

static int ask(int fd, struct bp_credentials *out) {
  peer_credentials peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) {
    return -errno;
  }
  if (length != sizeof peer || (peer.pid <= 0 && peer.uid == (uid_t)-1)) {
    return -ENOTCONN;
  }
  /* A process of another pid namespace has no number here, but its user has. */
  *out = (struct bp_credentials){
      .pid = peer.pid > 0 ? peer.pid : UNKNOWN_PID, .uid = peer.uid, .gid = peer.gid};
  return 0;
}

#elif defined(__NetBSD__)

static int ask(int fd, struct bp_credentials *out) {
  struct unpcbid peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_LOCAL, LOCAL_PEEREID, &peer, &length) < 0) {
    return -errno;
  }
  *out = (struct bp_credentials){.pid = peer.unp_pid, .uid = peer.unp_euid, .gid = peer.unp_egid};
  return 0;
}

#elif defined(__FreeBSD__)

static int ask(int fd, struct bp_credentials *out) {
  struct xucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_LOCAL, LOCAL_PEERCRED, &peer, &length) < 0) {
    return -errno;
  }
  if (length != sizeof peer || peer.cr_version != XUCRED_VERSION || peer.cr_ngroups < 1) {
    return -ENOTCONN;
  }
  *out = (struct bp_credentials){.pid = UNKNOWN_PID, .uid = peer.cr_uid, .gid = peer.cr_groups[0]};
#if __FreeBSD_version >= 1300000
  if (peer.cr_pid > 0) {
    out->pid = peer.cr_pid;
  }
#endif
  return 0;
}

#else

static int64_t pid_of(int fd) {
#ifdef LOCAL_PEEREPID
  pid_t pid = 0;
  socklen_t length = sizeof pid;
  if (getsockopt(fd, SOL_LOCAL, LOCAL_PEEREPID, &pid, &length) == 0 && pid > 0) {
    return pid;
  }
#else
  (void)fd;
#endif
  return UNKNOWN_PID;
}

static int ask(int fd, struct bp_credentials *out) {
  uid_t uid = 0;
  gid_t gid = 0;
  if (getpeereid(fd, &uid, &gid) < 0) {
    return -errno;
  }
  *out = (struct bp_credentials){.pid = pid_of(fd), .uid = uid, .gid = gid};
  return 0;
}

#endif

/* ---- The groups ---- */

_Static_assert(sizeof(gid_t) == sizeof(uint32_t), "groups are handed over as the system has them");

#if defined(SO_PEERGROUPS) && defined(__linux__)

static int ask_groups(int fd, uint32_t *out, size_t capacity) {
  socklen_t length = (socklen_t)(capacity * sizeof *out);
  /* ERANGE: they do not fit, and length is now what they take. */
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, out, &length) < 0 && errno != ERANGE) {
    return -errno;
  }
  return (int)(length / sizeof *out);
}

#elif defined(LOCAL_PEERCRED)

/* The system tells the first 16 of them. */
static int ask_groups(int fd, uint32_t *out, size_t capacity) {
  struct xucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_LOCAL, LOCAL_PEERCRED, &peer, &length) < 0) {
    return -errno;
  }
  if (length != sizeof peer || peer.cr_version != XUCRED_VERSION || peer.cr_ngroups < 0) {
    return -ENOTCONN;
  }
  const size_t count = (size_t)peer.cr_ngroups;
  if (count <= capacity) {
    memcpy(out, peer.cr_groups, count * sizeof *out);
  }
  return (int)count;
}

#else

// NOLINTNEXTLINE(readability-non-const-parameter): as where the system tells
static int ask_groups(int fd, uint32_t *out, size_t capacity) {
  (void)fd;
  (void)out;
  (void)capacity;
  return -ENOTSUP;
}

#endif

/* ---- Of which sockets ---- */

static bool has_peer_process(const struct bp_socket *socket) {
  const bool is_local = socket->ops == &bp_local_stream || socket->ops == &bp_local_packet_stream;
  return is_local && socket->state == BP_STATE_CONNECTED;
}

int bp_socket_peer_credentials(const struct bp_socket *socket, struct bp_credentials *out) {
  return has_peer_process(socket) ? ask(socket->fd, out) : -ENOTCONN;
}

int bp_socket_peer_groups(const struct bp_socket *socket, uint32_t *out, size_t capacity) {
  return has_peer_process(socket) ? ask_groups(socket->fd, out, capacity) : -ENOTCONN;
}
