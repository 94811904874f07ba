/* Local streams: paths, abstract names, stale socket files. */
#include "deadline.h"
#include "descriptor.h"
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LOCK_PATIENCE_NS (1000 * BP_NS_PER_MS)
#define LOCK_RETRY_MS 2

struct local_address {
  struct sockaddr_un un;
  socklen_t length;
};

static bool is_abstract(const char *path, size_t length) {
  return length > 0 && path[0] == '\0';
}

static int parse_path(const char *path, size_t length, struct local_address *out) {
  memset(out, 0, sizeof *out);
  out->un.sun_family = AF_UNIX;
  const bool abstract = is_abstract(path, length);
#ifndef __linux__
  if (abstract) {
    return -ENOTSUP;
  }
#endif
  if (length == 0 || (!abstract && memchr(path, '\0', length))) {
    return -EINVAL;
  }
  /* Never truncated: a shorter path is another path. One byte stays for the NUL of a file's. */
  if (length + (abstract ? 0 : 1) > sizeof out->un.sun_path) {
    return -ENAMETOOLONG;
  }
  memcpy(out->un.sun_path, path, length);
  /* The length counts: with its zeros an abstract name would be another name. */
  out->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (abstract ? 0 : 1));
  return 0;
}

/* ---- Who is there ---- */

/*
 * 0: the path is somebody's; BP_STALE: it is a socket file that nobody has bound any more. Asked by
 * a datagram socket: the answer is EPROTOTYPE for every stream socket that is bound, be its backlog
 * full, or not even there yet, which to a stream would look refused like a stale file; and its
 * server is not bothered with a connection.
 */
static int probe(const struct local_address *address, struct stat *file) {
  int fd = -1;
  if (lstat(address->un.sun_path, file) < 0) {
    return -errno;
  }
  if (!S_ISSOCK(file->st_mode)) {
    return 0;
  }
  int error = bp_descriptor_socket(AF_UNIX, SOCK_DGRAM, &fd);
  if (error) {
    return error;
  }
  const int result = connect(fd, (const struct sockaddr *)&address->un, address->length);
  error = result < 0 ? errno : 0;
  close(fd);
  return error == ECONNREFUSED ? BP_STALE : 0;
}

/* ---- Connecting ---- */

/* Linux says EAGAIN; the others refuse, as where nobody listens. */
static bool is_backlog_full(const struct local_address *address, int error) {
#ifdef __linux__
  (void)address;
  return error == -EAGAIN;
#else
  struct stat file;
  return error == -EAGAIN || (error == -ECONNREFUSED && probe(address, &file) == 0);
#endif
}

int bp_local_connect(struct bp_socket *socket) {
  struct local_address address;
  int error = parse_path(socket->path, socket->path_length, &address);
  if (error) {
    return error;
  }
  do {
    error = connect(socket->fd, (struct sockaddr *)&address.un, address.length) < 0 ? -errno : 0;
  } while (error == -EINTR);
  if (!is_backlog_full(&address, error)) {
    return error == -EISCONN ? 0 : error;
  }
  return bp_socket_retry_later(socket);
}

int bp_connect_local(const char *path, size_t path_length, struct bp_socket **out) {
  struct local_address address;
  int fd = -1;
  int error = parse_path(path, path_length, &address);
  if (error) {
    return error;
  }
  error = bp_descriptor_socket(AF_UNIX, SOCK_STREAM, &fd);
  if (error) {
    return error;
  }
  struct bp_socket *socket = NULL;
  error = bp_socket_new(BP_LOCAL_STREAM, BP_CONNECTED, fd, path, path_length, &socket);
  if (error) {
    close(fd);
    return error;
  }
  return bp_local_begin(socket, out);
}

/* ---- Listening ---- */

/*
 * A lock on the directory, held while a path in it is probed, replaced and bound: of two starters
 * one waits for the other. It needs no lock file, which would be left behind. Returns its
 * descriptor.
 */
static int lock_directory(const char *path) {
  char directory[sizeof(((struct sockaddr_un *)NULL)->sun_path)] = ".";
  const char *slash = strrchr(path, '/');
  if (slash) {
    /* Of "/name" the slash itself is the directory. */
    const size_t length = slash == path ? 1 : (size_t)(slash - path);
    memcpy(directory, path, length);
    directory[length] = '\0';
  }
  const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return -errno;
  }
  const bp_deadline_ns deadline = bp_now_ns() + LOCK_PATIENCE_NS;
  while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
    if (errno == EINTR) {
      continue;
    }
    if (errno != EWOULDBLOCK || bp_deadline_passed(deadline)) {
      const int error = errno == EWOULDBLOCK ? -EBUSY : -errno;
      close(fd);
      return error;
    }
    poll(NULL, 0, LOCK_RETRY_MS);
  }
  return fd;
}

static int bind_to(int fd, const struct local_address *address) {
  return bind(fd, (const struct sockaddr *)&address->un, address->length) < 0 ? -errno : 0;
}

static int bind_or_replace(int fd, const struct local_address *address, bool replace_stale) {
  struct stat file;
  const int error = bind_to(fd, address);
  if (error != -EADDRINUSE || is_abstract(address->un.sun_path, address->length)) {
    return error;
  }
  const int found = probe(address, &file);
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

static int bind_file(int fd, const struct local_address *address,
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

static void remember_file(struct bp_socket *server, bool delete_on_close) {
  struct stat file;
  if (delete_on_close && lstat(server->path, &file) == 0) {
    server->deletes_path = true;
    server->path_device = file.st_dev;
    server->path_inode = file.st_ino;
  }
}

static void unlink_file(const struct bp_socket *server) {
  struct stat file;
  /* Only the file that we bound: somebody may have moved it away and put another there. */
  if (server->deletes_path && lstat(server->path, &file) == 0 &&
      file.st_dev == server->path_device && file.st_ino == server->path_inode) {
    unlink(server->path);
  }
}

void bp_local_close(struct bp_socket *socket) {
  /* Before the close: while it listens nobody can take it for stale and put theirs there. */
  unlink_file(socket);
  bp_descriptor_close(socket->fd);
}

int bp_listen_local(const struct bp_listen_local_options *options, struct bp_socket **out) {
  struct local_address address;
  struct bp_socket *server = NULL;
  int fd = -1;
  int lock = -1;
  int error = parse_path(options->path, options->path_length, &address);
  if (error) {
    return error;
  }
  const bool is_file = !is_abstract(options->path, options->path_length);
  error = bp_descriptor_socket(AF_UNIX, SOCK_STREAM, &fd);
  if (error) {
    return error;
  }
  error = bp_socket_new(BP_LOCAL_SERVER, BP_LISTENING, fd, options->path, options->path_length,
                        &server);
  if (error) {
    close(fd);
    return error;
  }
  if (is_file) {
    lock = lock_directory(server->path);
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
      remember_file(server, options->delete_on_close);
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
