#include "signal_pipe.h"

#ifndef _WIN32

#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bipoll {
namespace {

bool isOpenFor(int fd, int accessMode) {
  const int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) == accessMode;
}

bool arePipe(int reader, int writer) {
  struct stat one {};
  struct stat other {};
  return reader > STDERR_FILENO && writer > STDERR_FILENO && fstat(reader, &one) == 0 &&
         S_ISFIFO(one.st_mode) && fstat(writer, &other) == 0 && one.st_dev == other.st_dev &&
         one.st_ino == other.st_ino && isOpenFor(reader, O_RDONLY) && isOpenFor(writer, O_WRONLY);
}

} // namespace

// libuv has no function for it. It has been in the same place of the public uv_loop_t throughout
// libuv 1, whose layout is kept stable: `int signal_pipefd[2]`, followed by the watcher of the
// first of the two. Where that is depends on the system, so it is recognised by what it holds: the
// two ends of a pipe, side by side, and the first of them again close behind. Nothing else in a
// loop looks like that; and if nothing does, none is found.
int findSignalPipe(const void *loop, size_t size) {
  constexpr size_t watcherFields = 16; // as ints, at most
  const auto *bytes = static_cast<const char *>(loop);
  const size_t count = size / sizeof(int);
  const auto field = [bytes](size_t index) {
    int value = 0;
    std::memcpy(&value, bytes + index * sizeof value, sizeof value);
    return value;
  };
  for (size_t i = 0; i + 1 + watcherFields < count; i++) {
    const int reader = field(i);
    for (size_t next = i + 2; next <= i + 1 + watcherFields; next++) {
      if (field(next) == reader && arePipe(reader, field(i + 1))) {
        return reader;
      }
    }
  }
  return -1;
}

} // namespace bipoll

#endif
