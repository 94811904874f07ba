/* Writing to a pipe that nobody reads any more. */
#ifndef BIPOLL_QUIET_WRITE_H
#define BIPOLL_QUIET_WRITE_H

#include <sys/types.h>

struct iovec;

/* As writev(2), but EPIPE raises no SIGPIPE, and what the process does at that signal stays as it
 * is. */
ssize_t bp_quiet_writev(int fd, const struct iovec *pieces, int count);

#endif
