/* Local streams on Windows are named pipes. What of a socket file has no counterpart: a name dies
 * with the last end that was made by its server, so none is ever stale, nor is there one to delete.
 * As long as a connection lives that its server accepted, nobody else can serve the name. */
#include "net.h"
#include "overlapped.h"
#include "pipe_listener.h"
#include "socket.h"

#include <errno.h>
#include <string.h>

#define MOST_CHARACTERS 256 /* of a whole name */

struct pipe_name {
  WCHAR characters[MOST_CHARACTERS + 1];
};

/* ---- Names ---- */

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

/* -EINVAL: no name of a pipe; -ENOTSUP: an abstract name. */
static int parse_name(const char *path, size_t length, struct pipe_name *out) {
  if (length > 0 && path[0] == '\0') {
    return -ENOTSUP;
  }
  const size_t prefix = prefix_length(path, length);
  if (prefix == 0 || prefix == length || memchr(path, '\0', length)) {
    return -EINVAL;
  }
  /* Never truncated: a shorter name is another name. No character takes more than 3 bytes for each
   * of its units. */
  if (length > (size_t)MOST_CHARACTERS * 3) {
    return -ENAMETOOLONG;
  }
  const int units = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, (int)length,
                                        out->characters, MOST_CHARACTERS);
  if (units == 0) {
    return GetLastError() == ERROR_INSUFFICIENT_BUFFER ? -ENAMETOOLONG : -EINVAL;
  }
  out->characters[units] = L'\0';
  return 0;
}

/* ---- Connecting ---- */

/* Takes over the handle, also on an error. */
static int pipe_of(HANDLE handle, bool is_server_end, struct bp_named_pipe **out) {
  int error = bp_overlapped_bind(handle);
  if (!error) {
    error = bp_named_pipe_new(handle, is_server_end, out);
  }
  if (error) {
    CloseHandle(handle);
  }
  return error;
}

int bp_local_connect(struct bp_socket *socket) {
  struct pipe_name name;
  HANDLE handle = INVALID_HANDLE_VALUE;
  int error = parse_name(socket->path, socket->path_length, &name);
  if (!error) {
    error = bp_pipe_open_client(name.characters, &handle);
  }
  if (error == -EBUSY) {
    /* WaitNamedPipe could wait for an instance to come free, but only by blocking. */
    return bp_socket_retry_later(socket);
  }
  return error ? error : pipe_of(handle, false, &socket->pipe);
}

int bp_connect_local(const char *path, size_t path_length, struct bp_socket **out) {
  struct bp_socket *socket = NULL;
  const int error = bp_socket_new(BP_LOCAL_STREAM, BP_CONNECTED, -1, path, path_length, &socket);
  return error ? error : bp_local_begin(socket, out);
}

/* The socket of a pipe that is taken over, also on an error. */
static int socket_of(struct bp_named_pipe *pipe, const char *path, size_t path_length,
                     struct bp_socket **out) {
  const int error = bp_socket_new(BP_LOCAL_STREAM, BP_CONNECTED, -1, path, path_length, out);
  if (error) {
    bp_named_pipe_close(pipe);
  } else {
    (*out)->pipe = pipe;
  }
  return error;
}

static int adopt_end(HANDLE handle, bool is_server_end, struct bp_socket **out) {
  struct bp_named_pipe *pipe = NULL;
  const int error = pipe_of(handle, is_server_end, &pipe);
  return error ? error : socket_of(pipe, NULL, 0, out);
}

int bp_socket_pair(struct bp_socket *out[2]) {
  HANDLE ends[2];
  int error = bp_pipe_handles(&ends[0], &ends[1]);
  if (error) {
    return error;
  }
  error = adopt_end(ends[0], true, &out[0]);
  if (error) {
    CloseHandle(ends[1]);
    return error;
  }
  error = adopt_end(ends[1], false, &out[1]);
  if (error) {
    bp_socket_close(out[0]);
  }
  return error;
}

/* ---- Listening ---- */

int bp_listen_local(const struct bp_listen_local_options *options, struct bp_socket **out) {
  struct pipe_name name;
  struct bp_socket *server = NULL;
  int error = parse_name(options->path, options->path_length, &name);
  if (error) {
    return error;
  }
  error = bp_socket_new(BP_LOCAL_SERVER, BP_LISTENING, -1, options->path, options->path_length,
                        &server);
  if (error) {
    return error;
  }
  error =
      bp_pipe_listener_open(name.characters, options->mode, options->backlog, &server->listener);
  if (error) {
    bp_socket_close(server);
    return error;
  }
  *out = server;
  return 0;
}

int bp_local_accept(struct bp_socket *server, struct bp_socket **out) {
  struct bp_named_pipe *pipe = NULL;
  const int error = bp_pipe_listener_accept(server->listener, &pipe);
  return error ? error : socket_of(pipe, server->path, server->path_length, out);
}

/* ---- Either ---- */

struct bp_waitable *bp_local_waitable(const struct bp_socket *socket) {
  if (socket->pipe) {
    return bp_named_pipe_waitable(socket->pipe);
  }
  return socket->listener ? bp_pipe_listener_waitable(socket->listener) : NULL;
}

void bp_local_close(struct bp_socket *socket) {
  if (socket->pipe) {
    bp_named_pipe_close(socket->pipe);
  }
  if (socket->listener) {
    bp_pipe_listener_close(socket->listener);
  }
}

/* Of users Windows knows by what does not fit a number. */
int bp_socket_peer_credentials(const struct bp_socket *socket, struct bp_credentials *out) {
  if (!socket->pipe) {
    return -ENOTCONN;
  }
  const int64_t pid = bp_named_pipe_peer(socket->pipe);
  if (pid < 0) {
    return (int)pid;
  }
  *out = (struct bp_credentials){.pid = pid, .uid = -1, .gid = -1};
  return 0;
}
