#ifndef BIPOLL_LOCAL_STREAM_H
#define BIPOLL_LOCAL_STREAM_H

#include "named_pipe.h"
#include "socket.h"

/* The socket of a pipe that is connected, which is taken over, also on an error: it is closed then.
 */
int bp_local_stream_of(struct bp_named_pipe *pipe, const char *path, size_t path_length,
                       struct bp_socket **out);

#endif
