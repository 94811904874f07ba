#include "fixtures_pipes.h"

#include "check.h"
#include "deadline.h"
#include "fixtures.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

#define NAME_CAPACITY 128

const struct bp_listen_local_options usual = {.backlog = 4, .mode = 0600};

const char *pipe_name(void) {
  static char names[4][NAME_CAPACITY];
  static unsigned count;
  char *name = names[count % 4];
  (void)snprintf(name, NAME_CAPACITY, "\\\\.\\pipe\\bipoll-test-%lu-%u", GetCurrentProcessId(),
                 count++);
  return name;
}

struct bp_socket *serve_with(const char *name, int backlog) {
  struct bp_listen_local_options options = usual;
  struct bp_socket *server = NULL;
  options.backlog = backlog;
  options.path = name;
  options.path_length = strlen(name);
  CHECK_OK(bp_listen_local(&options, &server));
  return server;
}

struct bp_socket *serve(const char *name) {
  return serve_with(name, usual.backlog);
}

struct bp_socket *pipe_client(const char *name) {
  struct bp_socket *client = NULL;
  CHECK_OK(bp_connect_local(name, strlen(name), &client));
  return client;
}

void pipe_pair(struct bp_socket *out[2]) {
  const char *name = pipe_name();
  struct bp_socket *server = serve(name);
  out[0] = pipe_client(name);
  out[1] = accept_one(server);
  bp_socket_close(server);
}

void check_pipe_end(struct bp_socket *socket) {
  char byte = 0;
  CHECK_INT(bp_socket_read_wait(socket, &byte, 1, bp_deadline_after(PATIENCE_MS), NULL), BP_END);
}

void check_handles(int before) {
  const bp_deadline_ns deadline = bp_deadline_after(PATIENCE_MS);
  while (check_count_descriptors() != before && !bp_deadline_passed(deadline)) {
    pause_ms(1);
  }
  CHECK_INT(check_count_descriptors(), before);
}
