/* An overlapped named pipe of bytes: one end of a connection. */
#ifndef BIPOLL_NAMED_PIPE_H
#define BIPOLL_NAMED_PIPE_H

#include "engine.h"
#include "waitable.h"

#include <windows.h>

#define BP_PIPE_BUFFER_BYTES 65536 /* in the kernel, each way; and the most that a write takes */

struct bp_named_pipe;

/* Takes over a handle that is bound (overlapped.h). On an error it stays the caller's. */
int bp_named_pipe_new(HANDLE handle, bool is_server_end, struct bp_named_pipe **out);
struct bp_waitable *bp_named_pipe_waitable(struct bp_named_pipe *pipe);

/* As the read and writev of a kind of socket: kind.h. */
int64_t bp_named_pipe_read(struct bp_named_pipe *pipe, void *bytes, size_t length, bool peek);
int64_t bp_named_pipe_writev(struct bp_named_pipe *pipe, const struct bp_bytes *pieces,
                             size_t count);

/* No more writes by us. A pipe has no half-close: the peer learns of it when it is closed. */
void bp_named_pipe_end(struct bp_named_pipe *pipe);

/*
 * Nothing that was taken is lost: after a write that is still in flight the peer gets the end, and
 * only then does the handle go. Only the end of the process comes before that: what is in flight
 * then, at most BP_PIPE_BUFFER_BYTES, is lost with it, but not what is in the kernel's buffer.
 */
void bp_named_pipe_close(struct bp_named_pipe *pipe);

/* The process at the other end, or a negated errno. */
int64_t bp_named_pipe_peer(const struct bp_named_pipe *pipe);

#endif
