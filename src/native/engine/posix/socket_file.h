#ifndef BIPOLL_SOCKET_FILE_H
#define BIPOLL_SOCKET_FILE_H

#include "local_address.h"

/*
 * Binds a socket to a path, where it becomes a file of that mode: at no moment is it more open.
 * A file that nobody serves any more is replaced, if that is asked for. Returns 0 or a negated
 * errno; BP_STALE: there is such a file, and it is to stay; -EADDRINUSE: something else is there.
 */
int bp_socket_file_bind(int fd, const struct bp_local_address *address, unsigned mode,
                        bool replace_stale);

#endif
