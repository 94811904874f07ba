#include "socket_file.h"

#include "directory_lock.h"
#include "local_address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int bind_to(int fd, const struct bp_local_address *address) {
  return bind(fd, (const struct sockaddr *)&address->un, address->length) < 0 ? -errno : 0;
}

static bool is_same(const struct stat *one, const struct stat *other) {
  return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* ---- Stale files ---- */

static int replace_if_stale(int fd, const struct bp_local_address *address) {
  struct stat file;
  struct stat now;
  if (bp_local_address_probe(address, &file) != BP_STALE) {
    return bind_to(fd, address); /* somebody is there; or nobody is any more */
  }
  if (lstat(address->un.sun_path, &now) < 0 || !is_same(&file, &now)) {
    return -EADDRINUSE; /* another was quicker */
  }
  return unlink(address->un.sun_path) < 0 ? -errno : bind_to(fd, address);
}

/*
 * A file is in use from the moment it is bound, even before its server listens: see
 * bp_local_address_probe. So only processes that replace a stale file need the lock. Anybody who
 * may read the directory can hold it; one who holds it for long is not such a process, and we do
 * not wait for it.
 */
static int bind_or_replace(int fd, const struct bp_local_address *address, bool replace_stale) {
  struct stat file;
  int error = bind_to(fd, address);
  if (error != -EADDRINUSE || bp_local_address_probe(address, &file) != BP_STALE) {
    return error;
  }
  if (!replace_stale) {
    return BP_STALE;
  }
  const int lock = bp_directory_lock(address->un.sun_path);
  error = replace_if_stale(fd, address);
  if (lock >= 0) {
    close(lock);
  }
  return error;
}

/* ---- Its mode ---- */

#ifdef __linux__

/* Works on a descriptor of the file, as the name could lead elsewhere by now. */
static int change_mode(const char *path, const struct stat *expected, mode_t mode) {
  char name[32];
  struct stat file;
  const int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    return -errno;
  }
  int error = -EADDRINUSE;
  if (fstat(fd, &file) == 0 && is_same(&file, expected)) {
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    error = chmod(name, mode) < 0 ? -errno : 0;
  }
  close(fd);
  return error;
}

/* The umask may have taken bits away that were asked for. */
static int complete_mode(const char *path, mode_t mode) {
  struct stat file;
  if (lstat(path, &file) < 0) {
    return -errno;
  }
  if (!S_ISSOCK(file.st_mode)) {
    return -EADDRINUSE; /* it was moved away, and something else put there */
  }
  if ((file.st_mode & 0777) == mode) {
    return 0;
  }
  const int error = change_mode(path, &file, mode);
  if (error) {
    unlink(path);
  }
  return error;
}

static int bind_file(int fd, const struct bp_local_address *address, unsigned mode,
                     bool replace_stale) {
  /* The file is made with the mode that its socket has now, less the umask. */
  if (fchmod(fd, (mode_t)mode) < 0) {
    return -errno;
  }
  const int error = bind_or_replace(fd, address, replace_stale);
  return error ? error : complete_mode(address->un.sun_path, (mode_t)mode);
}

#else

static int bind_file(int fd, const struct bp_local_address *address, unsigned mode,
                     bool replace_stale) {
  /* The file is made with all bits, less the umask. */
  const mode_t before = umask((mode_t)(~mode & 0777));
  const int error = bind_or_replace(fd, address, replace_stale);
  umask(before);
  return error;
}

#endif

/* ---- Whose it is ---- */

/* The working directory may be another when the file is to be deleted. */
static void remember(struct bp_socket_file *out, const char *path) {
  struct stat file;
  if (lstat(path, &file) == 0) {
    out->path = realpath(path, NULL);
    out->device = file.st_dev;
    out->inode = file.st_ino;
  }
}

int bp_socket_file_bind(int fd, const struct bp_listen_local_options *options,
                        struct bp_socket_file *out) {
  struct bp_local_address address;
  int error = bp_local_address_parse(options->path, options->path_length, &address);
  if (error) {
    return error;
  }
  if (bp_local_path_is_abstract(options->path, options->path_length)) {
    return bind_to(fd, &address);
  }
  error = bind_file(fd, &address, options->mode, options->replace_stale);
  if (!error && options->delete_on_close) {
    remember(out, address.un.sun_path);
  }
  return error;
}

void bp_socket_file_close(struct bp_socket_file *file, bool is_kept) {
  struct stat now;
  /* Only the file that we bound: somebody may have moved it away and put another there. */
  if (!is_kept && file->path && lstat(file->path, &now) == 0 && now.st_dev == file->device &&
      now.st_ino == file->inode) {
    unlink(file->path);
  }
  free(file->path);
  file->path = NULL;
}
