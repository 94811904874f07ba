#include "socket_file.h"

#include "directory_lock.h"
#include "local_address.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
static void remember(struct bp_socket_file *out, const char *path) {
  struct stat file;
  if (lstat(path, &file) == 0) {
    out->path = realpath(path, NULL);
    out->device = file.st_dev;
    out->inode = file.st_ino;
  }
}

static int bind_locked(int fd, const struct bp_local_address *address,
                       const struct bp_listen_local_options *options, struct bp_socket_file *out) {
  const int lock = bp_directory_lock(address->un.sun_path);
  /* Without a lock (a file system that has none, or a stranger who holds it) a plain start is as
   * safe as ever; to replace a file is not. */
  const int error = lock < 0 && options->replace_stale ? lock : bind_file(fd, address, options);
  if (!error && options->delete_on_close) {
    remember(out, address->un.sun_path);
  }
  if (lock >= 0) {
    close(lock);
  }
  return error;
}

int bp_socket_file_bind(int fd, const struct bp_listen_local_options *options,
                        struct bp_socket_file *out) {
  struct bp_local_address address;
  const int error = bp_local_address_parse(options->path, options->path_length, &address);
  if (error) {
    return error;
  }
  return bp_local_path_is_abstract(options->path, options->path_length)
             ? bind_to(fd, &address)
             : bind_locked(fd, &address, options, out);
}

void bp_socket_file_remove(struct bp_socket_file *file) {
  struct stat now;
  /* Only the file that we bound: somebody may have moved it away and put another there. */
  if (file->path && lstat(file->path, &now) == 0 && now.st_dev == file->device &&
      now.st_ino == file->inode) {
    unlink(file->path);
  }
  free(file->path);
  file->path = NULL;
}
