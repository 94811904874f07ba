#include "check.h"
#include "deadline.h"
#include "descriptor.h"
#include "fixtures.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Signals ---- */

static void ignore(int signal) {
  (void)signal;
}

static void set_timer(int milliseconds) {
  const struct timeval often = {.tv_sec = milliseconds / 1000,
                                .tv_usec = (suseconds_t)(milliseconds % 1000) * 1000};
  const struct itimerval timer = {.it_interval = often, .it_value = often};
  CHECK_OK(setitimer(ITIMER_REAL, &timer, NULL));
}

/* Takes the place of the alarm that limits the case; the limit of the whole program remains. */
void ticking_start(int milliseconds) {
  struct sigaction action = {.sa_handler = ignore};
  CHECK_OK(sigaction(SIGALRM, &action, NULL));
  set_timer(milliseconds);
}

void ticking_stop(void) {
  set_timer(0);
}

const bool local_streams_are_sockets = true;

/* ---- Descriptors ---- */

void raw_pair(int out[2]) {
  CHECK_OK(bp_descriptor_socket_pair(out));
}

void raw_hang_up(int fd) {
  bp_descriptor_close(fd);
}

void check_non_blocking_and_close_on_exec(int fd) {
  CHECK_INT(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  CHECK_INT(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}

bool tells_end_behind_bytes(const char *backend) {
#ifdef POLLRDHUP
  (void)backend;
  return true;
#else
  return strcmp(backend, "poll") != 0;
#endif
}

/* ---- Files ---- */

#define PATH_CAPACITY 512
#define PATHS 4

static char directory[PATH_CAPACITY];

const char *directory_make(void) {
  const char *parent = getenv("TMPDIR");
  (void)snprintf(directory, sizeof directory, "%s/bipoll-XXXXXX", parent ? parent : "/tmp");
  CHECK(mkdtemp(directory) != NULL);
  return directory;
}

void directory_remove(void) {
  char path[2 * PATH_CAPACITY];
  DIR *entries = opendir(directory);
  CHECK(entries != NULL);
  const struct dirent *entry = NULL;
  while ((entry = readdir(entries))) {
    (void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    unlink(path); /* not so "." and "..", which stay */
  }
  closedir(entries);
  CHECK_OK(rmdir(directory));
}

const char *path_in_directory(const char *name) {
  static char paths[PATHS][2 * PATH_CAPACITY];
  static size_t next;
  char *path = paths[next++ % PATHS];
  (void)snprintf(path, sizeof paths[0], "%s/%s", directory, name);
  return path;
}

/* ---- Processes ---- */

int in_child(void (*run)(void *), void *argument) {
  int status = 0;
  const pid_t child = fork();
  CHECK_AT_LEAST(child, 0);
  if (child == 0) {
    run(argument);
    _exit(0); /* its parent's memory is not its own to be looked through for leaks */
  }
  while (waitpid(child, &status, 0) < 0) {
    CHECK_INT(errno, EINTR);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
