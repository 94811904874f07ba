/* Local streams, which on Windows are named pipes. */
#include "local_stream.h"

#include "kind.h"
#include "overlapped.h"
#include "pipe_listener.h"
#include "pipe_name.h"
#include "stream.h"

#include <errno.h>

struct local_stream {
  struct bp_socket socket;    /* first */
  struct bp_named_pipe *pipe; /* NULL while it is not connected */
};

static struct bp_named_pipe *pipe_of(const struct bp_socket *socket) {
  return ((const struct local_stream *)socket)->pipe;
}

int bp_local_stream_of(struct bp_named_pipe *pipe, const char *path, size_t path_length,
                       struct bp_socket **out) {
  const int error = bp_socket_new(&bp_local_stream, BP_STATE_CONNECTED, -1, path, path_length, out);
  if (error) {
    bp_named_pipe_close(pipe);
  } else {
    ((struct local_stream *)*out)->pipe = pipe;
  }
  return error;
}

/* ---- Connecting ---- */

/* Takes over the handle, also on an error. */
static int new_pipe(HANDLE handle, bool is_server_end, struct bp_named_pipe **out) {
  int error = bp_overlapped_bind(handle);
  if (!error) {
    error = bp_named_pipe_new(handle, is_server_end, out);
  }
  if (error) {
    CloseHandle(handle);
  }
  return error;
}

static int local_stream_connect(struct bp_socket *socket) {
  struct bp_pipe_name name;
  HANDLE handle = INVALID_HANDLE_VALUE;
  int error = bp_pipe_name_parse(socket->path, socket->path_length, &name);
  if (!error) {
    error = bp_pipe_open_client(name.characters, &handle);
  }
  if (error == -EBUSY) {
    /* WaitNamedPipe could wait for an instance to come free, but only by blocking. */
    return -EINPROGRESS;
  }
  return error ? error : new_pipe(handle, false, &((struct local_stream *)socket)->pipe);
}

int bp_connect_local(const char *path, size_t path_length, struct bp_socket **out) {
  struct bp_socket *socket = NULL;
  const int error =
      bp_socket_new(&bp_local_stream, BP_STATE_RETRYING, -1, path, path_length, &socket);
  return error ? error : bp_stream_begin(socket, out);
}

static int adopt_end(HANDLE handle, bool is_server_end, struct bp_socket **out) {
  struct bp_named_pipe *pipe = NULL;
  const int error = new_pipe(handle, is_server_end, &pipe);
  return error ? error : bp_local_stream_of(pipe, NULL, 0, out);
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

/* ---- The entries of its table ---- */

static void local_stream_close(struct bp_socket *socket) {
  if (pipe_of(socket)) {
    bp_named_pipe_close(pipe_of(socket));
  }
}

static struct bp_waitable *local_stream_waitable(const struct bp_socket *socket) {
  return pipe_of(socket) ? bp_named_pipe_waitable(pipe_of(socket)) : NULL;
}

static int64_t local_stream_read(struct bp_socket *socket, void *bytes, size_t length, bool peek) {
  return bp_named_pipe_read(pipe_of(socket), bytes, length, peek);
}

static int64_t local_stream_write(struct bp_socket *socket, const void *bytes, size_t length) {
  const struct bp_bytes piece = {.bytes = bytes, .length = length};
  return bp_named_pipe_writev(pipe_of(socket), &piece, 1);
}

static int64_t local_stream_writev(struct bp_socket *socket, const struct bp_bytes *pieces,
                                   size_t count) {
  return bp_named_pipe_writev(pipe_of(socket), pieces, count);
}

/* Only for ourselves: a peer that waits for the end waits until the close. To close right away
 * would end the other direction as well, and what the peer still has to say would be lost. */
static int local_stream_end(struct bp_socket *socket) {
  bp_named_pipe_end(pipe_of(socket));
  return 0;
}

const struct bp_kind_ops bp_local_stream = {
    .kind = BP_KIND_LOCAL_STREAM,
    .size = sizeof(struct local_stream),
    .events = BP_STREAM_EVENTS,
    .close = local_stream_close,
    .connect = local_stream_connect,
    .interest = bp_stream_interest,
    .ask_at = bp_stream_ask_at,
    .holds = bp_stream_holds,
    .waitable = local_stream_waitable,
    .has_final_errors = true,
    .read = local_stream_read,
    .write = local_stream_write,
    .writev = local_stream_writev,
    .end = local_stream_end,
};

/* ---- Who is there ---- */

/* Windows identifies users by values that do not fit a number. */
int bp_socket_peer_credentials(const struct bp_socket *socket, struct bp_credentials *out) {
  if (socket->ops != &bp_local_stream || !pipe_of(socket)) {
    return -ENOTCONN;
  }
  const int64_t pid = bp_named_pipe_peer(pipe_of(socket));
  if (pid < 0) {
    return (int)pid;
  }
  *out = (struct bp_credentials){.pid = pid, .uid = -1, .gid = -1};
  return 0;
}
