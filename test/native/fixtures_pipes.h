/* What tests of named pipes set up: on Windows alone. */
#ifndef BIPOLL_FIXTURES_PIPES_H
#define BIPOLL_FIXTURES_PIPES_H

#include "engine.h"

/* What a server gets unless a test says otherwise. */
extern const struct bp_listen_local_options usual;

/* A name that nobody has; good until the next call but three. */
const char *pipe_name(void);

struct bp_socket *serve_with(const char *name, int backlog);
struct bp_socket *serve(const char *name);
struct bp_socket *pipe_client(const char *name);
/* Both ends of a connection that went by a server: 0 the client's, 1 the server's. */
void pipe_pair(struct bp_socket *out[2]);

void check_pipe_end(struct bp_socket *socket);
/* That there are as many as before; what the thread of the pipes has still to close it closes soon.
 */
void check_handles(int before);

#endif
