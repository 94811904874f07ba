/* Children and sources of signals. Their own parent, here the test, still has to wait for them. */
#include "check.h"
#include "fixtures.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that waits to be told, by the end of a pipe, to exit with that code. */
static int go[2];

static pid_t start(int code) {
  char byte = 0;
  CHECK_OK(pipe(go));
  const pid_t pid = fork();
  if (pid == 0) {
    close(go[1]);
    (void)!read(go[0], &byte, 1);
    _exit(code);
  }
  CHECK_AT_LEAST(pid, 1);
  close(go[0]);
  return pid;
}

static struct bp_socket *watch(pid_t pid) {
  struct bp_socket *child = NULL;
  if (!(bp_features() & BP_FEATURE_CHILDREN)) {
    check_skip("the kernel has no pidfd_open, or refuses it");
  }
  CHECK_OK(bp_watch_child(pid, &child));
  return child;
}

static void reap(pid_t pid) {
  CHECK_INT(waitpid(pid, NULL, 0), pid);
}

static void an_exit_ends_a_wait_and_is_left_to_the_parent(const char *backend) {
  struct bp_occurrence out[4];
  struct bp_poller *poller = NULL;
  struct bp_exit how;
  const pid_t pid = start(7);
  struct bp_socket *child = watch(pid);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, child, BP_EVENT_EXITED, 7));
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, out, 4), 0);
  CHECK_INT(bp_child_exit(child, &how), -EAGAIN);
  close(go[1]);
  for (int i = 0; i < 2; i++) {
    CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, out, 4), 1);
    CHECK_INT(out[0].events, BP_EVENT_EXITED);
  }
  reap(pid);
  CHECK_OK(bp_child_exit(child, &how));
  CHECK_INT(how.code, 7);
  CHECK_INT(how.signal, 0);
  bp_socket_close(child);
  CHECK_INT(bp_poller_wait(poller, bp_deadline_after(MOMENT_MS), NULL, out, 4), 0);
  bp_poller_close(poller);
}

static void a_signal_that_ended_it_is_told(void) {
  struct bp_exit how;
  const pid_t pid = start(0);
  struct bp_socket *child = watch(pid);
  struct bp_query query = {.socket = child, .events = BP_EVENT_EXITED};
  CHECK_OK(kill(pid, SIGKILL));
  CHECK_INT(bp_poll(&query, 1, BP_FOREVER, NULL), 1);
  CHECK_OK(bp_child_exit(child, &how));
  CHECK_INT(how.code, -1);
  CHECK_INT(how.signal, SIGKILL);
  bp_socket_close(child);
  close(go[1]);
  reap(pid);
}

static void one_that_has_exited_already_is_known_at_once(void) {
  siginfo_t info;
  struct bp_exit how;
  const pid_t pid = start(3);
  close(go[1]);
  CHECK_OK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
  struct bp_socket *child = watch(pid);
  struct bp_query query = {.socket = child, .events = BP_EVENT_EXITED};
  CHECK_INT(bp_poll(&query, 1, BP_FOREVER, NULL), 1);
  CHECK_INT(bp_socket_holds(child, BP_EVENT_EXITED), BP_EVENT_EXITED);
  CHECK_OK(bp_child_exit(child, &how));
  CHECK_INT(how.code, 3);
  bp_socket_close(child);
  reap(pid);
}

static void how_it_exited_is_unknown_once_its_parent_has_waited(void) {
  struct bp_exit how;
  const pid_t pid = start(3);
  struct bp_socket *child = watch(pid);
  close(go[1]);
  reap(pid);
  CHECK_INT(await(child, BP_EVENT_EXITED), BP_EVENT_EXITED);
  CHECK_INT(bp_child_exit(child, &how), -ECHILD);
  bp_socket_close(child);
}

static void what_is_no_child_is_refused(void) {
  struct bp_exit how;
  struct bp_socket *pair[2];
  struct bp_socket *child = NULL;
  CHECK_INT(bp_watch_child(getpid(), &child), -ECHILD);
  CHECK_INT(bp_watch_child(1, &child), -ECHILD);
  local_pair(pair);
  CHECK_INT(bp_child_exit(pair[0], &how), -EINVAL);
  CHECK(!bp_signal_source_queue(pair[0]));
  close_pair(pair);
}

static void its_descriptor_is_nobody_elses(void) {
  const pid_t pid = start(0);
  struct bp_socket *child = watch(pid);
  CHECK_INT(bp_socket_fd(child), -1);
  CHECK_INT(bp_socket_detach(child), -ENOTSUP);
  bp_socket_close(child);
  close(go[1]);
  reap(pid);
}

/* ---- Sources of signals ---- */

static int ends[2]; /* what is said at the first comes as a signal */

static void close_queue(struct bp_signal_queue *queue) {
  close(queue->fd);
}

static void a_source_holds_while_signals_wait(const char *backend) {
  struct bp_occurrence out[4];
  struct bp_poller *poller = NULL;
  struct bp_socket *source = NULL;
  raw_pair(ends);
  struct bp_signal_queue queue = {.fd = ends[1], .close = close_queue};
  CHECK_OK(bp_open_signal_source(&queue, &source));
  CHECK(bp_signal_source_queue(source) == &queue);
  CHECK_INT(bp_socket_fd(source), -1);
  CHECK_OK(bp_poller_open(backend, &poller));
  CHECK_OK(bp_poller_monitor(poller, source, BP_EVENT_SIGNALLED, 7));
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, out, 4), 0);
  raw_say(ends[0]);
  for (int i = 0; i < 2; i++) {
    CHECK_INT(bp_poller_wait(poller, bp_deadline_after(PATIENCE_MS), NULL, out, 4), 1);
    CHECK_INT(out[0].events, BP_EVENT_SIGNALLED);
  }
  raw_hear(ends[1]);
  CHECK_INT(bp_poller_wait(poller, BP_AT_ONCE, NULL, out, 4), 0);
  bp_socket_close(source);
  bp_poller_close(poller);
  raw_hang_up(ends[0]);
}

static const struct check_case cases[] = {
    CASE_ON_BACKENDS(an_exit_ends_a_wait_and_is_left_to_the_parent),
    CASE(a_signal_that_ended_it_is_told),
    CASE(one_that_has_exited_already_is_known_at_once),
    CASE(how_it_exited_is_unknown_once_its_parent_has_waited),
    CASE(what_is_no_child_is_refused),
    CASE(its_descriptor_is_nobody_elses),
    CASE_ON_BACKENDS(a_source_holds_while_signals_wait),
};

CHECK_MAIN(cases)
