/* The names of named pipes, in UTF-8 and as Windows wants them. */
#ifndef BIPOLL_PIPE_NAME_H
#define BIPOLL_PIPE_NAME_H

#include <stddef.h>
#include <windows.h>

#define BP_PIPE_NAME_CHARACTERS 256 /* of a whole name, at most */

struct bp_pipe_name {
  WCHAR characters[BP_PIPE_NAME_CHARACTERS + 1];
};

/* -EINVAL: no name of a pipe; -ENOTSUP: an abstract name; -ENAMETOOLONG. */
int bp_pipe_name_parse(const char *path, size_t length, struct bp_pipe_name *out);

#endif
