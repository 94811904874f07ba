/* What tests of several subjects set up: connections, directories, signals, threads, clocks. */
#ifndef BIPOLL_FIXTURES_H
#define BIPOLL_FIXTURES_H

#include "engine.h"

#include <pthread.h>

#define PATIENCE_MS 60000 /* for what must happen, on however busy a machine */
#define MOMENT_MS 50      /* for what must not happen */

/* ---- Time ---- */

void pause_ms(int milliseconds);

struct stopwatch {
  int64_t wall_ns, cpu_ns;
};
struct stopwatch stopwatch_start(void);
int64_t stopwatch_ms(const struct stopwatch *watch);
int64_t stopwatch_cpu_ms(const struct stopwatch *watch);

/* A signal that only interrupts, this soon and then as often until it is stopped. */
void ticking_start(int milliseconds);
void ticking_stop(void);
/* Lets it end a wait. */
extern const struct bp_interrupt by_cut_calls;

/* ---- Sockets ---- */

/* A server on that numeric address and a port that the system chooses. */
struct bp_socket *tcp_server(const char *host);
/* A client of the server, perhaps still connecting. */
struct bp_socket *tcp_client(struct bp_socket *server);
struct bp_socket *accept_one(struct bp_socket *server);
/* Both ends of a connection: 0 the client's, 1 the server's. */
void tcp_pair(struct bp_socket *out[2]);
void local_pair(struct bp_socket *out[2]);
/* Not so on Windows, where they are pipes: these have no half-close, and what their ends are like
 * is for test_pipes.c. */
extern const bool local_streams_are_sockets;
/* Connected streams that have a half-close: local ones where those have. */
void half_closing_pair(struct bp_socket *out[2]);
void close_pair(struct bp_socket *pair[2]);
/* Closes it so that a peer over TCP is reset. */
void close_with_reset(struct bp_socket *socket);

/* Waits until one of the events holds; fails the case if none does in time. Returns which. */
unsigned await(struct bp_socket *socket, unsigned events);
/* Sends one message, as bp_socket_send does. */
int send_message(struct bp_socket *socket, const void *bytes, size_t length,
                 const struct bp_endpoint *to);
/* Writes and reads all of it, however many calls that takes. */
void write_all(struct bp_socket *socket, const void *bytes, size_t length);
void read_all(struct bp_socket *socket, void *bytes, size_t length);
/* So many bytes of a running pattern, offset bytes into it. */
void put_pattern(unsigned char *bytes, size_t offset, size_t length);
/* Writes until the system takes no more. Returns how many bytes of the pattern it took. */
size_t fill(struct bp_socket *socket);
/* Reads so many bytes, which must be the pattern, offset bytes into it. */
void read_pattern(struct bp_socket *socket, size_t offset, size_t length);

/* Both ends of a connection as the system numbers them, and what little a test of a backend does
 * with one. */
void raw_pair(int out[2]);
void raw_say(int fd);  /* one byte */
void raw_hear(int fd); /* likewise */
void raw_end(int fd);  /* the sending side */
void raw_hang_up(int fd);

void check_non_blocking_and_close_on_exec(int fd);

/* Not so poll(2), on systems without POLLRDHUP, nor Wine: there the end is told when the bytes were
 * read. */
bool tells_end_behind_bytes(const char *backend);

/* ---- Files ---- */

/* A new directory; its removal takes along the files in it. */
const char *directory_make(void);
void directory_remove(void);
/* The path of a file in it; good until the next call but three. */
const char *path_in_directory(const char *name);

/* ---- Processes and threads ---- */

/* Runs it in a process of its own. Returns the exit code, negated the signal that ended it. */
int in_child(void (*run)(void *), void *argument);

pthread_t thread_start(void *(*run)(void *), void *argument);
void thread_join(pthread_t thread);

#endif
