/* Binding local sockets: socket files, their modes, and those that are stale. */
#ifndef BIPOLL_SOCKET_FILE_H
#define BIPOLL_SOCKET_FILE_H

#include "engine.h"

#include <sys/types.h>

struct bp_socket_file { /* all zero: there is none */
  char *path;           /* the absolute one, if the file is ours to delete */
  dev_t device;         /* of that file, as is the next */
  ino_t inode;
};

/*
 * Binds a socket to the path, or the abstract name, of the options. The file has their mode: at no
 * moment is it more open. A file that nobody serves any more is replaced, if that is asked for.
 * Returns 0 or a negated errno; BP_STALE: there is such a file, and it is to stay; -EADDRINUSE:
 * something else is there.
 */
int bp_socket_file_bind(int fd, const struct bp_listen_local_options *options,
                        struct bp_socket_file *out);

/*
 * Deletes the file if it is ours to delete, unless it is kept for the descriptor's next owner. Call
 * before the descriptor is closed: until then nobody can take the file for stale and put another
 * there.
 */
void bp_socket_file_close(struct bp_socket_file *file, bool is_kept);

#endif
