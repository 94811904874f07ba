/*
 * A listener for named pipes. Windows has none: a server makes instances of its pipe, each of which
 * takes one client and then is that connection. So some are kept waiting.
 */
#ifndef BIPOLL_PIPE_LISTENER_H
#define BIPOLL_PIPE_LISTENER_H

#include "named_pipe.h"

struct bp_pipe_listener;

/*
 * So many clients can be there before they are accepted, at least 1 and at most what the listener
 * finds reasonable. -EADDRINUSE: somebody serves the name, or has a connection left of serving it.
 */
int bp_pipe_listener_open(const WCHAR *name, unsigned mode, int backlog,
                          struct bp_pipe_listener **out);
struct bp_waitable *bp_pipe_listener_waitable(struct bp_pipe_listener *listener);

/* -EAGAIN: nobody is there. */
int bp_pipe_listener_accept(struct bp_pipe_listener *listener, struct bp_named_pipe **out);

/* Those who were not accepted yet find the end. */
void bp_pipe_listener_close(struct bp_pipe_listener *listener);

/* Both ends of a new connection, as handles that are not bound yet. 0 or a negated errno. */
int bp_pipe_handles(HANDLE *server_end, HANDLE *client_end);

/* The client's end. -ENOENT: nobody serves that name; -EBUSY: no instance is free. */
int bp_pipe_open_client(const WCHAR *name, HANDLE *out);

#endif
