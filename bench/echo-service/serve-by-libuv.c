/* The echo service in C over libuv, as its users write it: `serve-by-libuv ADDRESS` */
#include "../peer.h"

#include <stdbool.h>
#include <uv.h>

enum { CHUNK = 65536 };

static bool is_tcp;
static char buffer[CHUNK]; /* for every read: a callback is done with it before the next one */

struct answer {
  uv_write_t request;
  char bytes[];
};

static void lend_buffer(uv_handle_t *client, size_t size, uv_buf_t *out) {
  (void)client;
  (void)size;
  *out = uv_buf_init(buffer, sizeof buffer);
}

static void free_client(uv_handle_t *client) {
  free(client);
}

static void end_answer(uv_write_t *request, int status) {
  (void)status;
  free(request);
}

static void echo(uv_stream_t *client, ssize_t length, const uv_buf_t *bytes) {
  if (length < 0) {
    uv_close((uv_handle_t *)client, free_client);
    return;
  }
  const uv_buf_t all = uv_buf_init(bytes->base, (unsigned)length);
  const int taken = uv_try_write(client, &all, 1);
  const size_t done = taken > 0 ? (size_t)taken : 0;
  if (done == (size_t)length) {
    return;
  }
  const size_t left = (size_t)length - done;
  struct answer *answer = malloc(sizeof *answer + left);
  memcpy(answer->bytes, bytes->base + done, left);
  const uv_buf_t rest = uv_buf_init(answer->bytes, (unsigned)left);
  (void)uv_write(&answer->request, client, &rest, 1, end_answer);
}

static void welcome(uv_stream_t *server, int status) {
  check(status, "listen");
  union uv_any_handle *client = malloc(sizeof *client);
  if (is_tcp) {
    (void)uv_tcp_init(server->loop, &client->tcp);
  } else {
    (void)uv_pipe_init(server->loop, &client->pipe, 0);
  }
  check(uv_accept(server, &client->stream), "accept");
  if (is_tcp) {
    (void)uv_tcp_nodelay(&client->tcp, 1);
  }
  (void)uv_read_start(&client->stream, lend_buffer, echo);
}

int main(int argc, char **argv) {
  union uv_any_handle server;
  uv_loop_t *loop = uv_default_loop();
  if (argc != 2) {
    return 2;
  }
  const struct address address = address_of(argv[1]);
  is_tcp = address.any.sa_family == AF_INET;
  if (is_tcp) {
    check(uv_tcp_init(loop, &server.tcp), "socket");
    check(uv_tcp_bind(&server.tcp, &address.any, 0), "bind");
  } else {
    check(uv_pipe_init(loop, &server.pipe, 0), "socket");
    check(uv_pipe_bind(&server.pipe, argv[1]), "bind");
  }
  check(uv_listen(&server.stream, BACKLOG, welcome), "listen");
  say_listening();
  return uv_run(loop, UV_RUN_DEFAULT);
}
