/* Local servers, which on Windows are listeners for named pipes. What of a socket file has no
 * counterpart: a name dies with the last end that was made by its server, so none is ever stale,
 * nor is there one to delete. As long as a connection lives that its server accepted, nobody else
 * can serve the name. */
#include "kind.h"
#include "local_stream.h"
#include "pipe_listener.h"
#include "pipe_name.h"
#include "server.h"

struct local_server {
  struct bp_socket socket;           /* first */
  struct bp_pipe_listener *listener; /* NULL only while it is made */
};

static struct bp_pipe_listener *listener_of(const struct bp_socket *socket) {
  return ((const struct local_server *)socket)->listener;
}

int bp_listen_local(const struct bp_listen_local_options *options, struct bp_socket **out) {
  struct bp_pipe_name name;
  struct bp_socket *server = NULL;
  int error = bp_pipe_name_parse(options->path, options->path_length, &name);
  if (error) {
    return error;
  }
  error = bp_socket_new(&bp_local_server, BP_STATE_LISTENING, -1, options->path,
                        options->path_length, &server);
  if (error) {
    return error;
  }
  error = bp_pipe_listener_open(name.characters, options->mode, options->backlog,
                                &((struct local_server *)server)->listener);
  if (error) {
    bp_socket_close(server);
    return error;
  }
  *out = server;
  return 0;
}

/* ---- The entries of its table ---- */

static void local_server_close(struct bp_socket *socket) {
  if (listener_of(socket)) {
    bp_pipe_listener_close(listener_of(socket));
  }
}

static struct bp_waitable *local_server_waitable(const struct bp_socket *socket) {
  return bp_pipe_listener_waitable(listener_of(socket));
}

static int local_server_accept(struct bp_socket *server, struct bp_socket **out) {
  struct bp_named_pipe *pipe = NULL;
  const int error = bp_pipe_listener_accept(listener_of(server), &pipe);
  return error ? error : bp_local_stream_of(pipe, server->path, server->path_length, out);
}

const struct bp_kind_ops bp_local_server = {
    .kind = BP_KIND_LOCAL_SERVER,
    .size = sizeof(struct local_server),
    .events = BP_SERVER_EVENTS,
    .close = local_server_close,
    .interest = bp_server_interest,
    .ask_at = bp_server_ask_at,
    .holds = bp_server_holds,
    .waitable = local_server_waitable,
    .accept = local_server_accept,
};
