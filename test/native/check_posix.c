/* Cases apart, on POSIX systems: forked. */
#include "check_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_DESCRIPTOR 8192

int check_count_descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < MAX_DESCRIPTOR; fd++) {
    count += fcntl(fd, F_GETFD) >= 0;
  }
  return count;
}

int check_run_apart(const struct check_case *each, const char *backend) {
  int status = 0;
  (void)fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    check_run_here(each, backend);
  }
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child < 0) {
    return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

const char *check_reason(int code) {
  return strsignal(-code);
}

/* A fork needs no call. */
void check_answer_call(int argc, char **argv, const struct check_case *cases, size_t count) {
  (void)argc;
  (void)argv;
  (void)cases;
  (void)count;
}

void check_prepare(void) {
  alarm(CASE_LIMIT_S);
}

void check_pause(void) {
  poll(NULL, 0, 10);
}
