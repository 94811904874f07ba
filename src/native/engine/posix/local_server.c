/* Servers on local sockets. */
#include "local_server.h"

#include "descriptor.h"
#include "fd_socket.h"
#include "kind.h"
#include "server.h"

#include <errno.h>
#include <sys/socket.h>

void bp_local_server_close(struct bp_socket *socket) {
  bp_socket_file_close(&((struct bp_local_server *)socket)->file, socket->leaves_open);
  bp_fd_close(socket);
}

int bp_local_server_open(const struct bp_kind_ops *kind, int type,
                         const struct bp_listen_local_options *options, struct bp_socket **out) {
  struct bp_socket *server = NULL;
  int fd = -1;
  int error = bp_descriptor_socket(AF_UNIX, type, &fd);
  if (error) {
    return error;
  }
  error = bp_socket_new(kind, BP_STATE_LISTENING, fd, options->path, options->path_length, &server);
  if (error) {
    bp_descriptor_close(fd);
    return error;
  }
  error = bp_socket_file_bind(fd, options, &((struct bp_local_server *)server)->file);
  if (!error) {
    error = listen(fd, options->backlog) < 0 ? -errno : 0;
  }
  if (error) {
    bp_socket_close(server);
    return error;
  }
  *out = server;
  return 0;
}

int bp_local_server_accept(struct bp_socket *server, const struct bp_kind_ops *kind,
                           struct bp_socket **out) {
  int fd = -1;
  int error = bp_descriptor_accept(server->fd, &fd);
  if (error) {
    return error;
  }
  error = bp_socket_new(kind, BP_STATE_CONNECTED, fd, server->path, server->path_length, out);
  if (error) {
    bp_descriptor_close(fd);
  }
  return error;
}

/* ---- Those whose connections are streams of bytes ---- */

int bp_listen_local(const struct bp_listen_local_options *options, struct bp_socket **out) {
  return bp_local_server_open(&bp_local_server, SOCK_STREAM, options, out);
}

static int local_server_adopt(int fd, struct bp_socket **out) {
  return bp_socket_new(&bp_local_server, BP_STATE_LISTENING, fd, NULL, 0, out);
}

static int local_server_accept(struct bp_socket *server, struct bp_socket **out) {
  return bp_local_server_accept(server, &bp_local_stream, out);
}

const struct bp_kind_ops bp_local_server = {
    .kind = BP_KIND_LOCAL_SERVER,
    .size = sizeof(struct bp_local_server),
    .events = BP_SERVER_EVENTS,
    .adopt = local_server_adopt,
    .close = bp_local_server_close,
    .interest = bp_server_interest,
    .ask_at = bp_server_ask_at,
    .holds = bp_server_holds,
    .accept = local_server_accept,
};
