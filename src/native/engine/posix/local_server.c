/* Servers on local sockets: socket files, their modes, and those that are stale. */
#include "descriptor.h"
#include "fd_socket.h"
#include "kind.h"
#include "local_address.h"
#include "server.h"
#include "socket_file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct local_server {
  struct bp_socket socket; /* first */
  char *file;              /* its absolute path if it is ours to delete, else NULL */
  dev_t device;            /* of that file, as is the next */
  ino_t inode;
};

/* ---- Files ---- */

/* The working directory may be another when the file is to be deleted. */
static void remember_file(struct local_server *server, bool delete_on_close) {
  struct stat file;
  if (delete_on_close && lstat(server->socket.path, &file) == 0) {
    server->file = realpath(server->socket.path, NULL);
    server->device = file.st_dev;
    server->inode = file.st_ino;
  }
}

static void unlink_file(const struct local_server *server) {
  struct stat file;
  /* Only the file that we bound: somebody may have moved it away and put another there. */
  if (server->file && lstat(server->file, &file) == 0 && file.st_dev == server->device &&
      file.st_ino == server->inode) {
    unlink(server->file);
  }
}

static void local_server_close(struct bp_socket *socket) {
  /* Before the close: while it listens nobody can take it for stale and put theirs there. */
  struct local_server *server = (struct local_server *)socket;
  if (!socket->leaves_open) {
    unlink_file(server);
  }
  free(server->file);
  bp_fd_close(socket);
}

/* ---- The server ---- */

static int bind_to_name(int fd, const struct bp_local_address *address) {
  return bind(fd, (const struct sockaddr *)&address->un, address->length) < 0 ? -errno : 0;
}

int bp_listen_local(const struct bp_listen_local_options *options, struct bp_socket **out) {
  struct bp_local_address address;
  struct bp_socket *server = NULL;
  int fd = -1;
  int error = bp_local_address_parse(options->path, options->path_length, &address);
  if (error) {
    return error;
  }
  const bool is_file = !bp_local_path_is_abstract(options->path, options->path_length);
  error = bp_descriptor_socket(AF_UNIX, SOCK_STREAM, &fd);
  if (error) {
    return error;
  }
  error = bp_socket_new(&bp_local_server, BP_LISTENING, fd, options->path, options->path_length,
                        &server);
  if (error) {
    close(fd);
    return error;
  }
  error = is_file ? bp_socket_file_bind(fd, &address, options->mode, options->replace_stale)
                  : bind_to_name(fd, &address);
  if (!error) {
    if (is_file) {
      remember_file((struct local_server *)server, options->delete_on_close);
    }
    error = listen(fd, options->backlog) < 0 ? -errno : 0;
  }
  if (error) {
    bp_socket_close(server);
    return error;
  }
  *out = server;
  return 0;
}

static int local_server_adopt(int fd, struct bp_socket **out) {
  return bp_socket_new(&bp_local_server, BP_LISTENING, fd, NULL, 0, out);
}

static int local_server_accept(struct bp_socket *server, struct bp_socket **out) {
  int fd = -1;
  int error = bp_descriptor_accept(server->fd, &fd);
  if (error) {
    return error;
  }
  error = bp_socket_new(&bp_local_stream, BP_CONNECTED, fd, server->path, server->path_length, out);
  if (error) {
    bp_descriptor_close(fd);
  }
  return error;
}

const struct bp_kind_ops bp_local_server = {
    .kind = BP_LOCAL_SERVER,
    .size = sizeof(struct local_server),
    .events = BP_SERVER_EVENTS,
    .adopt = local_server_adopt,
    .close = local_server_close,
    .interest = bp_server_interest,
    .ask_at = bp_server_ask_at,
    .holds = bp_server_holds,
    .accept = local_server_accept,
};
