#include "descriptor.h"
#include "net.h"

#include <errno.h>

int bp_descriptor_set_non_blocking(int fd) {
  unsigned long on = 1;
  return ioctlsocket(BP_NET(fd), (long)FIONBIO, &on) < 0 ? bp_net_error() : 0;
}

int bp_descriptor_duplicate(int fd) {
  (void)fd;
  return -ENOTSUP; /* no stream here can pass one */
}

int bp_descriptor_socket(int family, int type, int *fd) {
  const SOCKET socket =
      WSASocketW(family, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (socket == INVALID_SOCKET) {
    return bp_net_error();
  }
  *fd = (int)socket;
  const int error = bp_descriptor_set_non_blocking(*fd);
  if (error) {
    bp_descriptor_close(*fd);
  }
  return error;
}

int bp_descriptor_accept(int listener, int *fd) {
  const SOCKET socket = accept(BP_NET(listener), NULL, NULL);
  if (socket == INVALID_SOCKET) {
    const int error = bp_net_error();
    /* No listener can be reset: a client was, before it was accepted. */
    return error == -ECONNRESET ? -ECONNABORTED : error;
  }
  *fd = (int)socket;
  (void)SetHandleInformation((HANDLE)socket, HANDLE_FLAG_INHERIT, 0);
  const int error = bp_descriptor_set_non_blocking(*fd);
  if (error) {
    bp_descriptor_close(*fd);
  }
  return error;
}

void bp_descriptor_close(int fd) {
  closesocket(BP_NET(fd));
}

int bp_descriptor_access(int fd) {
  (void)fd; /* a socket, as nothing else is adopted here */
  return -ENOTSUP;
}
