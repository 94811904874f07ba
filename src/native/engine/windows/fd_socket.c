#include "fd_socket.h"

#include "descriptor.h"
#include "net.h"
#include "probe.h"

#include <errno.h>

void bp_fd_close(struct bp_socket *socket) {
  if (!socket->leaves_open) {
    bp_descriptor_close(socket->fd);
  }
}

int64_t bp_fd_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  const int got = recv(BP_NET(socket->fd), bytes, (int)length, peek ? MSG_PEEK : 0);
  if (got < 0) {
    return bp_net_error();
  }
  /* Wine takes a reset for an end here, and tells the difference only to who polls. */
  if (got == 0 && bp_socket_probe(socket, BP_READINESS_PEER_CLOSED) & BP_READINESS_ERROR) {
    return -ECONNRESET;
  }
  return got;
}

int64_t bp_fd_write(struct bp_socket *socket, const void *bytes, size_t length) {
  const int taken = send(BP_NET(socket->fd), bytes, (int)length, 0);
  return taken < 0 ? bp_net_error() : taken;
}

int64_t bp_fd_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count) {
  WSABUF buffers[BP_MAX_PIECES];
  DWORD taken = 0;
  for (size_t i = 0; i < count; i++) {
    buffers[i] = (WSABUF){.buf = (char *)pieces[i].bytes, .len = (ULONG)pieces[i].length};
  }
  const int result = WSASend(BP_NET(socket->fd), buffers, (DWORD)count, &taken, 0, NULL, NULL);
  return result < 0 ? bp_net_error() : (int64_t)taken;
}

int bp_fd_end(struct bp_socket *socket) {
  return shutdown(BP_NET(socket->fd), SD_SEND) < 0 ? bp_net_error() : 0;
}
