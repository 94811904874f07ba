/* Servers on local sockets: socket files, their modes, and those that are stale. */
#include "descriptor.h"
#include "directory_lock.h"
#include "fd_socket.h"
#include "kind.h"
#include "local_address.h"
#include "server.h"

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

static int bind_to(int fd, const struct bp_local_address *address) {
  return bind(fd, (const struct sockaddr *)&address->un, address->length) < 0 ? -errno : 0;
}

static int bind_or_replace(int fd, const struct bp_local_address *address, bool replace_stale) {
  struct stat file;
  const int error = bind_to(fd, address);
  if (error != -EADDRINUSE || bp_local_path_is_abstract(address->un.sun_path, address->length)) {
    return error;
  }
  const int found = bp_local_address_probe(address, &file);
  if (found == BP_STALE && replace_stale) {
    struct stat now;
    if (lstat(address->un.sun_path, &now) < 0 || now.st_ino != file.st_ino ||
        now.st_dev != file.st_dev) {
      return -EADDRINUSE; /* another was quicker */
    }
    if (unlink(address->un.sun_path) < 0) {
      return -errno;
    }
    return bind_to(fd, address);
  }
  return found == BP_STALE ? BP_STALE : -EADDRINUSE;
}

static int bind_file(int fd, const struct bp_local_address *address,
                     const struct bp_listen_local_options *options) {
#ifdef __linux__
  /* The file is made with the mode that its socket has now: at no moment is it more open than
   * asked. */
  if (fchmod(fd, (mode_t)options->mode) < 0) {
    return -errno;
  }
  int error = bind_or_replace(fd, address, options->replace_stale);
#else
  const mode_t before = umask((mode_t)(~options->mode & 0777));
  int error = bind_or_replace(fd, address, options->replace_stale);
  umask(before);
#endif
  /* The umask may have taken bits away that were asked for. */
  if (!error && chmod(address->un.sun_path, (mode_t)options->mode) < 0) {
    error = -errno;
    unlink(address->un.sun_path);
  }
  return error;
}

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

int bp_listen_local(const struct bp_listen_local_options *options, struct bp_socket **out) {
  struct bp_local_address address;
  struct bp_socket *server = NULL;
  int fd = -1;
  int lock = -1;
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
  if (is_file) {
    lock = bp_directory_lock(server->path);
    /* Without a lock (a file system that has none, or a stranger who holds it) a plain start is as
     * safe as ever; to replace a file is not. */
    if (lock < 0 && options->replace_stale) {
      error = lock;
    }
  }
  if (!error) {
    error = is_file ? bind_file(fd, &address, options) : bind_to(fd, &address);
  }
  if (!error) {
    if (is_file) {
      remember_file((struct local_server *)server, options->delete_on_close);
    }
    error = listen(fd, options->backlog) < 0 ? -errno : 0;
  }
  if (lock >= 0) {
    close(lock);
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
