#include "directory_lock.h"

#include "deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LOCK_PATIENCE_NS (100 * BP_NS_PER_MS)
#define LOCK_RETRY_MS 2

int bp_directory_lock(const char *path) {
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
