#include "pipe_name.h"

#include <errno.h>
#include <string.h>

/* The two ways to write it that CreateNamedPipe takes; what follows is the name itself. */
static size_t prefix_length(const char *path, size_t length) {
  static const char *const prefixes[] = {"\\\\.\\pipe\\", "\\\\?\\pipe\\"};
  for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
    const size_t own = strlen(prefixes[i]);
    if (length >= own && _strnicmp(path, prefixes[i], own) == 0) {
      return own;
    }
  }
  return 0;
}

int bp_pipe_name_parse(const char *path, size_t length, struct bp_pipe_name *out) {
  if (length > 0 && path[0] == '\0') {
    return -ENOTSUP;
  }
  const size_t prefix = prefix_length(path, length);
  if (prefix == 0 || prefix == length || memchr(path, '\0', length)) {
    return -EINVAL;
  }
  /* Never truncated: a shorter name is another name. No character takes more than 3 bytes for each
   * of its units. */
  if (length > (size_t)BP_PIPE_NAME_CHARACTERS * 3) {
    return -ENAMETOOLONG;
  }
  const int units = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, (int)length,
                                        out->characters, BP_PIPE_NAME_CHARACTERS);
  if (units == 0) {
    return GetLastError() == ERROR_INSUFFICIENT_BUFFER ? -ENAMETOOLONG : -EINVAL;
  }
  out->characters[units] = L'\0';
  return 0;
}
