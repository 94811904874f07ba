#include "transfer.h"

#include "named_pipe.h"
#include "net.h"
#include "probe.h"

#include <errno.h>

int64_t bp_transfer_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  if (socket->pipe) {
    return bp_named_pipe_read(socket->pipe, bytes, length, peek);
  }
  const int got = recv(BP_NET(socket->fd), bytes, (int)length, peek ? MSG_PEEK : 0);
  if (got < 0) {
    return bp_net_error();
  }
  /* Wine takes a reset for an end here, and tells the difference only to who polls. */
  if (got == 0 && bp_socket_probe(socket, BP_PEER_CLOSED) & BP_ERROR) {
    return -ECONNRESET;
  }
  return got;
}

int64_t bp_transfer_write(struct bp_socket *socket, const void *bytes, size_t length) {
  if (socket->pipe) {
    const struct bp_bytes piece = {.bytes = bytes, .length = length};
    return bp_named_pipe_writev(socket->pipe, &piece, 1);
  }
  const int taken = send(BP_NET(socket->fd), bytes, (int)length, 0);
  return taken < 0 ? bp_net_error() : taken;
}

int64_t bp_transfer_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count) {
  if (socket->pipe) {
    return bp_named_pipe_writev(socket->pipe, pieces, count);
  }
  WSABUF buffers[BP_MAX_PIECES];
  DWORD taken = 0;
  for (size_t i = 0; i < count; i++) {
    buffers[i] = (WSABUF){.buf = (char *)pieces[i].bytes, .len = (ULONG)pieces[i].length};
  }
  const int result = WSASend(BP_NET(socket->fd), buffers, (DWORD)count, &taken, 0, NULL, NULL);
  return result < 0 ? bp_net_error() : (int64_t)taken;
}

int bp_transfer_end(struct bp_socket *socket) {
  if (socket->pipe) {
    /* Only for ourselves: a peer that waits for the end waits until the close. To close right away
     * would end the other direction as well, and what the peer still has to say would be lost. */
    bp_named_pipe_end(socket->pipe);
    return 0;
  }
  return shutdown(BP_NET(socket->fd), SD_SEND) < 0 ? bp_net_error() : 0;
}
