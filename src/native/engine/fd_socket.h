/*
 * Entries for the tables of kinds whose descriptor is a stream socket of the system: fd_socket.c of
 * posix/ or windows/. What each promises: kind.h.
 */
#ifndef BIPOLL_FD_SOCKET_H
#define BIPOLL_FD_SOCKET_H

#include "socket.h"

void bp_fd_close(struct bp_socket *socket);
int64_t bp_fd_read(struct bp_socket *socket, void *bytes, size_t length, bool peek);
int64_t bp_fd_write(struct bp_socket *socket, const void *bytes, size_t length);
int64_t bp_fd_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count);
int bp_fd_end(struct bp_socket *socket);

#endif
