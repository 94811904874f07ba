/* Local servers: names, the socket file, who may replace it. */
#include "check.h"
#include "fixtures.h"
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1) /* 107 on Linux */

static const struct bp_listen_local_options usual = {
    .backlog = 16, .mode = 0600, .delete_on_close = true};

static int listen_with(const char *path, struct bp_listen_local_options options,
                       struct bp_socket **out) {
  options.path = path;
  options.path_length = strlen(path);
  return bp_listen_local(&options, out);
}

static struct bp_socket *serve(const char *path) {
  struct bp_socket *server = NULL;
  CHECK_OK(listen_with(path, usual, &server));
  return server;
}

static int replace(const char *path, struct bp_socket **out) {
  struct bp_listen_local_options options = usual;
  options.replace_stale = true;
  return listen_with(path, options, out);
}

static void check_serves(const char *path, size_t length, struct bp_socket *server) {
  struct bp_socket *pair[2];
  char byte = 0;
  CHECK_OK(bp_connect_local(path, length, &pair[0]));
  pair[1] = accept_one(server);
  check_non_blocking_and_close_on_exec(bp_socket_fd(server));
  check_non_blocking_and_close_on_exec(bp_socket_fd(pair[0]));
  check_non_blocking_and_close_on_exec(bp_socket_fd(pair[1]));
  CHECK_INT(await(pair[0],
                  BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_CONNECTION_FAILED),
            BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_SUCCEEDED);
  write_all(pair[0], "x", 1);
  read_all(pair[1], &byte, 1);
  for (int i = 0; i < 2; i++) {
    size_t reported = 0;
    CHECK_INT(memcmp(bp_socket_path(pair[i], &reported), path, length), 0);
    CHECK_INT(reported, length);
  }
  close_pair(pair);
}

static bool exists(const char *path) {
  struct stat file;
  return lstat(path, &file) == 0;
}

/* What a server leaves that died without a chance to clean up. */
static void leave_stale(const char *path) {
  struct bp_listen_local_options options = usual;
  struct bp_socket *server = NULL;
  options.delete_on_close = false;
  CHECK_OK(listen_with(path, options, &server));
  bp_socket_close(server);
  CHECK(exists(path));
}

/* ---- Names ---- */

static void a_path(void) {
  directory_make();
  const char *path = path_in_directory("socket");
  struct bp_socket *server = serve(path);
  CHECK_INT(bp_socket_kind(server), BP_KIND_LOCAL_SERVER);
  check_serves(path, strlen(path), server);
  bp_socket_close(server);
  CHECK(!exists(path));
  directory_remove();
}

static void a_relative_path(void) {
  CHECK_OK(chdir(directory_make()));
  struct bp_socket *server = serve("socket");
  check_serves("socket", 6, server);
  bp_socket_close(server);
  CHECK(!exists("socket"));
  directory_remove();
}

/* A path in the directory that is so long in all, in one static buffer. */
static const char *path_of_length(size_t length) {
  static char path[512];
  const size_t start = strlen(path_in_directory(""));
  CHECK_AT_LEAST(length, start + 1);
  (void)snprintf(path, sizeof path, "%s", path_in_directory(""));
  memset(path + start, 'n', length - start);
  path[length] = '\0';
  return path;
}

static void the_longest_path(void) {
  directory_make();
  struct bp_socket *server = serve(path_of_length(LONGEST));
  CHECK(exists(path_of_length(LONGEST)));
  check_serves(path_of_length(LONGEST), LONGEST, server);
  bp_socket_close(server);
  CHECK(!exists(path_of_length(LONGEST)));
  directory_remove();
}

static void a_longer_path_is_refused_not_truncated(void) {
  struct bp_socket *socket = NULL;
  directory_make();
  struct bp_socket *shorter = serve(path_of_length(LONGEST));
  for (size_t length = LONGEST + 1; length < LONGEST + 5; length++) {
    CHECK_INT(listen_with(path_of_length(length), usual, &socket), -ENAMETOOLONG);
    CHECK_INT(replace(path_of_length(length), &socket), -ENAMETOOLONG);
    CHECK_INT(bp_connect_local(path_of_length(length), length, &socket), -ENAMETOOLONG);
  }
  CHECK(socket == NULL);
  bp_socket_close(shorter);
  for (size_t length = LONGEST - 2; length < LONGEST + 5; length++) {
    CHECK(!exists(path_of_length(length)));
  }
  directory_remove();
}

static void a_nul_within_a_path_is_refused(void) {
  struct bp_socket *socket = NULL;
  char path[64];
  CHECK_OK(chdir(directory_make()));
  memcpy(path, "one\0two", 8);
  struct bp_listen_local_options options = usual;
  options.path = path;
  options.path_length = 7;
  CHECK_INT(bp_listen_local(&options, &socket), -EINVAL);
  CHECK_INT(bp_connect_local(path, 7, &socket), -EINVAL);
  CHECK_INT(bp_connect_local(path, 4, &socket), -EINVAL); /* a NUL at the end is one within */
  CHECK_INT(bp_connect_local(path, 0, &socket), -EINVAL);
  CHECK(!exists("one"));
  directory_remove();
}

#ifdef __linux__

static struct bp_socket *serve_abstract(const char *name, size_t length) {
  struct bp_socket *server = NULL;
  struct bp_listen_local_options options = usual;
  options.path = name;
  options.path_length = length;
  CHECK_OK(bp_listen_local(&options, &server));
  return server;
}

static size_t abstract_name(char *name, size_t capacity) {
  name[0] = '\0';
  return 1 + (size_t)snprintf(name + 1, capacity - 1, "bipoll-test-%d", (int)getpid());
}

static void an_abstract_name(void) {
  char name[128] = {0};
  const size_t length = abstract_name(name, sizeof name);
  struct bp_socket *server = serve_abstract(name, length);
  struct bp_socket *socket = NULL;
  check_serves(name, length, server);
  /* Zeros count: with one more at the end it is another name. */
  CHECK_INT(bp_connect_local(name, length + 1, &socket), -ECONNREFUSED);
  struct bp_socket *other = serve_abstract(name, length + 1);
  check_serves(name, length + 1, other);
  bp_socket_close(other);

  struct bp_listen_local_options options = usual;
  options.path = name;
  options.path_length = length;
  options.replace_stale = true;
  CHECK_INT(bp_listen_local(&options, &socket), -EADDRINUSE);
  bp_socket_close(server);
  CHECK_INT(bp_connect_local(name, length, &socket), -ECONNREFUSED);
  CHECK(socket == NULL);
}

static void the_longest_abstract_name(void) {
  char name[LONGEST + 2];
  struct bp_socket *socket = NULL;
  const size_t length = abstract_name(name, sizeof name);
  memset(name + length, 'n', sizeof name - length);
  struct bp_socket *server = serve_abstract(name, LONGEST + 1);
  check_serves(name, LONGEST + 1, server);
  CHECK_INT(bp_connect_local(name, LONGEST + 2, &socket), -ENAMETOOLONG);
  bp_socket_close(server);
}

#else

static void an_abstract_name(void) {
  struct bp_socket *socket = NULL;
  const struct bp_listen_local_options options = {.path = "\0name", .path_length = 5, .backlog = 1};
  CHECK_INT(bp_listen_local(&options, &socket), -ENOTSUP);
  CHECK_INT(bp_connect_local("\0name", 5, &socket), -ENOTSUP);
}

static void the_longest_abstract_name(void) {
  check_skip("there are no abstract names here");
}

#endif

static void nobody_there(void) {
  struct bp_socket *socket = NULL;
  directory_make();
  const char *missing = path_in_directory("missing");
  const char *stale = path_in_directory("stale");
  CHECK_INT(bp_connect_local(missing, strlen(missing), &socket), -ENOENT);
  leave_stale(stale);
  CHECK_INT(bp_connect_local(stale, strlen(stale), &socket), -ECONNREFUSED);
  CHECK_INT(listen_with(path_in_directory("no/such"), usual, &socket), -ENOENT);
  CHECK(socket == NULL);
  directory_remove();
}

/* ---- The mode of the file ---- */

static unsigned mode_of(const char *path) {
  struct stat file;
  CHECK_OK(lstat(path, &file));
  return file.st_mode & 0777;
}

static void the_mode_is_as_asked(void) {
  static const unsigned modes[] = {0600, 0660, 0666, 0777, 0};
  static const mode_t umasks[] = {0, 022, 077, 0777};
  directory_make();
  const char *path = path_in_directory("socket");
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    for (size_t j = 0; j < sizeof umasks / sizeof umasks[0]; j++) {
      struct bp_listen_local_options options = usual;
      struct bp_socket *server = NULL;
      options.mode = modes[i];
      const mode_t before = umask(umasks[j]);
      CHECK_OK(listen_with(path, options, &server));
      CHECK_INT(umask(before), umasks[j]);
      CHECK_INT(mode_of(path), modes[i]);
      bp_socket_close(server);
    }
  }
  directory_remove();
}

struct observer {
  const char *path;
  atomic_bool is_over;
  atomic_uint seen; /* all bits that the mode ever had */
};

static void *observe(void *argument) {
  struct observer *observer = argument;
  struct stat file;
  while (!atomic_load(&observer->is_over)) {
    if (lstat(observer->path, &file) == 0) {
      atomic_fetch_or(&observer->seen, file.st_mode & 0777);
    }
  }
  return NULL;
}

static void it_is_never_more_open_than_asked(void) {
  struct observer observer = {.is_over = false};
  directory_make();
  observer.path = path_in_directory("socket");
  umask(0);
  const pthread_t thread = thread_start(observe, &observer);
  for (int i = 0; i < 500; i++) {
    bp_socket_close(serve(observer.path));
  }
  atomic_store(&observer.is_over, true);
  thread_join(thread);
  CHECK_INT(atomic_load(&observer.seen) & ~0600U, 0);
  directory_remove();
}

struct thief {
  const char *path, *victim, *link;
  atomic_bool is_over;
};

/* Puts a link in the place of the socket file, again and again. */
static void *steal(void *argument) {
  struct thief *thief = argument;
  while (!atomic_load(&thief->is_over)) {
    (void)!symlink(thief->victim, thief->link);
    (void)!rename(thief->link, thief->path);
  }
  return NULL;
}

static void a_link_that_is_put_in_its_place_is_not_followed(void) {
  struct thief thief = {.is_over = false};
  struct bp_listen_local_options options = usual;
  options.mode = 0666; /* of which the umask takes some, so that it has to be changed */
  directory_make();
  thief.path = path_in_directory("socket");
  thief.victim = path_in_directory("victim");
  thief.link = path_in_directory("link");
  const int victim = open(thief.victim, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  CHECK_AT_LEAST(victim, 0);
  umask(022);
  const pthread_t thread = thread_start(steal, &thief);
  for (int i = 0; i < 20000; i++) {
    struct bp_socket *server = NULL;
    unlink(thief.path);
    if (listen_with(thief.path, options, &server) == 0) {
      bp_socket_close(server);
    }
  }
  atomic_store(&thief.is_over, true);
  thread_join(thread);
  CHECK_INT(mode_of(thief.victim), 0600);
  close(victim);
  directory_remove();
}

/* ---- Stale files, living servers ---- */

static void a_stale_file_is_told(void) {
  struct bp_socket *server = NULL;
  directory_make();
  const char *path = path_in_directory("socket");
  leave_stale(path);
  CHECK_INT(listen_with(path, usual, &server), BP_STALE);
  CHECK(server == NULL);
  CHECK(exists(path));
  directory_remove();
}

static void a_stale_file_is_replaced(void) {
  struct bp_socket *server = NULL;
  directory_make();
  const char *path = path_in_directory("socket");
  leave_stale(path);
  CHECK_OK(replace(path, &server));
  CHECK_INT(mode_of(path), 0600);
  check_serves(path, strlen(path), server);
  bp_socket_close(server);
  CHECK(!exists(path));
  CHECK_OK(replace(path, &server)); /* of nothing */
  bp_socket_close(server);
  directory_remove();
}

static void a_living_server_is_never_replaced(void) {
  struct bp_socket *second = NULL;
  directory_make();
  const char *path = path_in_directory("socket");
  struct bp_socket *server = serve(path);
  CHECK_INT(listen_with(path, usual, &second), -EADDRINUSE);
  CHECK_INT(replace(path, &second), -EADDRINUSE);
  CHECK(second == NULL);
  struct bp_socket *bothered = NULL;
  CHECK_INT(bp_socket_accept(server, &bothered), -EAGAIN);
  check_serves(path, strlen(path), server);
  bp_socket_close(server);
  directory_remove();
}

/* To a stream that asks, it looks as dead as a stale file. */
static void a_server_that_does_not_listen_yet_is_never_replaced(void) {
  struct bp_socket *second = NULL;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  directory_make();
  const char *path = path_in_directory("socket");
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  CHECK_OK(bind(fd, (struct sockaddr *)&address, sizeof address));
  CHECK_INT(listen_with(path, usual, &second), -EADDRINUSE);
  CHECK_INT(replace(path, &second), -EADDRINUSE);
  CHECK(exists(path));
  close(fd);
  CHECK_OK(replace(path, &second));
  bp_socket_close(second);
  directory_remove();
}

/* Connects until the backlog is full; the last one is that which has to retry. */
static size_t fill_backlog(const char *path, struct bp_socket **clients, size_t capacity) {
  for (size_t count = 0; count < capacity; count++) {
    CHECK_OK(bp_connect_local(path, strlen(path), &clients[count]));
    if (clients[count]->state == BP_STATE_RETRYING) {
      return count + 1;
    }
  }
  check_skip("the backlog does not get full here");
}

static void close_all(struct bp_socket **sockets, size_t count) {
  for (size_t i = 0; i < count; i++) {
    bp_socket_close(sockets[i]);
  }
}

static struct bp_socket *serve_with_backlog(const char *path, int backlog) {
  struct bp_listen_local_options options = usual;
  struct bp_socket *server = NULL;
  options.backlog = backlog;
  CHECK_OK(listen_with(path, options, &server));
  return server;
}

static void a_busy_server_is_never_replaced(void) {
  struct bp_socket *clients[8];
  struct bp_socket *second = NULL;
  directory_make();
  const char *path = path_in_directory("socket");
  struct bp_socket *server = serve_with_backlog(path, 1);
  const size_t count = fill_backlog(path, clients, 8);
  CHECK_INT(replace(path, &second), -EADDRINUSE);
  CHECK(exists(path));
  close_all(clients, count);
  bp_socket_close(server);
  directory_remove();
}

static void what_is_no_socket_is_never_touched(void) {
  struct bp_socket *server = NULL;
  directory_make();
  const char *path = path_in_directory("file");
  const char *link = path_in_directory("link");
  const char *stale = path_in_directory("stale");
  const int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  CHECK_INT(write(fd, "precious", 8), 8);
  close(fd);
  CHECK_INT(listen_with(path, usual, &server), -EADDRINUSE);
  CHECK_INT(replace(path, &server), -EADDRINUSE);
  struct stat file;
  CHECK_OK(lstat(path, &file));
  CHECK_INT(file.st_size, 8);
  CHECK_INT(file.st_mode & 0777, 0644);

  leave_stale(stale);
  CHECK_OK(symlink(stale, link)); /* no socket itself */
  CHECK_INT(replace(link, &server), -EADDRINUSE);
  CHECK(exists(link) && exists(stale));
  CHECK_INT(replace(path_in_directory("."), &server), -EADDRINUSE);
  CHECK(server == NULL);
  directory_remove();
}

static void only_our_own_file_is_deleted(void) {
  directory_make();
  const char *path = path_in_directory("socket");
  const char *elsewhere = path_in_directory("elsewhere");
  struct bp_socket *first = serve(path);
  CHECK_OK(rename(path, elsewhere));
  struct bp_socket *second = serve(path);
  bp_socket_close(first);
  CHECK(exists(path));
  check_serves(path, strlen(path), second);
  CHECK_OK(unlink(path));
  bp_socket_close(second); /* with no file any more */
  CHECK(exists(elsewhere));
  directory_remove();
}

static void a_failed_start_deletes_nothing(void) {
  struct bp_socket *second = NULL;
  directory_make();
  const char *path = path_in_directory("socket");
  struct bp_socket *server = serve(path);
  for (int i = 0; i < 3; i++) {
    CHECK_INT(replace(path, &second), -EADDRINUSE);
    CHECK(exists(path));
  }
  bp_socket_close(server);
  directory_remove();
}

/* ---- Two starters ---- */

#define RACES 50

struct racer {
  const char *path;
  int start, verdict, end; /* descriptors: to read from, to write to, to read from */
};

static pid_t race(const struct racer *racer, const int *not_its) {
  const pid_t child = fork();
  CHECK_AT_LEAST(child, 0);
  if (child == 0) {
    struct bp_socket *server = NULL;
    struct bp_listen_local_options options = usual;
    char byte = 0;
    close(not_its[0]);
    close(not_its[1]);
    options.replace_stale = true;
    options.delete_on_close = false; /* which leaves a stale one to the next race */
    (void)!read(racer->start, &byte, 1);
    const int error = listen_with(racer->path, options, &server);
    byte = error == 0 ? 'W' : error == -EADDRINUSE ? 'L' : 'E';
    (void)!write(racer->verdict, &byte, 1);
    (void)!read(racer->end, &byte, 1);
    _exit(0);
  }
  return child;
}

static void check_one_race(const char *path) {
  int start[2];
  int verdict[2];
  int end[2];
  char verdicts[3] = {0};
  struct bp_socket *client = NULL;
  CHECK_OK(pipe(start));
  CHECK_OK(pipe(verdict));
  CHECK_OK(pipe(end));
  const struct racer racer = {
      .path = path, .start = start[0], .verdict = verdict[1], .end = end[0]};
  const int not_its[] = {start[1], end[1]};
  const pid_t racers[] = {race(&racer, not_its), race(&racer, not_its)};
  close(start[1]); /* go */
  for (int i = 0; i < 2; i++) {
    CHECK_INT(read(verdict[0], &verdicts[i], 1), 1);
  }
  CHECK(strcmp(verdicts, "WL") == 0 || strcmp(verdicts, "LW") == 0);
  CHECK_OK(bp_connect_local(path, strlen(path), &client));
  bp_socket_close(client);
  close(end[1]);
  for (int i = 0; i < 2; i++) {
    CHECK_INT(waitpid(racers[i], NULL, 0), racers[i]);
  }
  close(start[0]);
  close(end[0]);
  close(verdict[0]);
  close(verdict[1]);
}

static void of_two_starters_exactly_one_wins(void) {
  directory_make();
  const char *path = path_in_directory("socket");
  leave_stale(path);
  for (int i = 0; i < RACES; i++) {
    check_one_race(path);
  }
  directory_remove();
}

/* Anybody who may read a directory can lock it. */
static void a_strangers_lock_delays_nobody_and_prevents_nothing(void) {
  struct bp_socket *server = NULL;
  const int stranger = open(directory_make(), O_RDONLY | O_CLOEXEC);
  const char *path = path_in_directory("socket");
  CHECK_OK(flock(stranger, LOCK_EX));
  const struct stopwatch watch = stopwatch_start();
  for (int i = 0; i < 20; i++) {
    bp_socket_close(serve(path));
    CHECK_OK(replace(path, &server)); /* of nothing */
    CHECK_INT(listen_with(path, usual, &server), -EADDRINUSE);
    bp_socket_close(server);
  }
  CHECK_AT_MOST(stopwatch_ms(&watch), 1000); /* 40 times the patience with a lock is 4 s */
  leave_stale(path);
  CHECK_OK(replace(path, &server));
  check_serves(path, strlen(path), server);
  bp_socket_close(server);
  close(stranger);
  directory_remove();
}

/* ---- A full backlog ---- */

static void a_full_backlog_is_retried_until_accepted(void) {
  struct bp_socket *clients[8];
  directory_make();
  const char *path = path_in_directory("socket");
  struct bp_socket *server = serve_with_backlog(path, 1);
  const size_t count = fill_backlog(path, clients, 8);
  struct bp_socket *last = clients[count - 1];
  char byte = 0;
  CHECK_INT(bp_socket_holds(last, bp_events_of(BP_KIND_LOCAL_STREAM)), 0);
  CHECK_OK(bp_socket_error(last));
  CHECK_INT(bp_socket_read(last, &byte, 1, false), 0);
  CHECK_INT(bp_socket_write(last, &byte, 1), 0);
  CHECK_INT(bp_socket_shutdown(last), -ENOTCONN);
  CHECK_INT(last->state, BP_STATE_RETRYING);

  struct bp_socket *accepted = accept_one(server);
  CHECK_INT(await(last, BP_EVENT_CONNECTION_SUCCEEDED | BP_EVENT_CONNECTION_FAILED),
            BP_EVENT_CONNECTION_SUCCEEDED);
  bp_socket_close(accepted);
  close_all(clients, count);
  bp_socket_close(server);
  directory_remove();
}

static void a_full_backlog_of_a_server_that_goes_is_a_failure(void) {
  struct bp_socket *clients[8];
  directory_make();
  const char *path = path_in_directory("socket");
  struct bp_socket *server = serve_with_backlog(path, 1);
  const size_t count = fill_backlog(path, clients, 8);
  bp_socket_close(server);
  CHECK_INT(await(clients[count - 1], BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_FAILED),
            BP_EVENT_DETERMINED | BP_EVENT_CONNECTION_FAILED);
  CHECK_INT(bp_socket_error(clients[count - 1]), -ENOENT);
  close_all(clients, count);
  directory_remove();
}

static const struct check_case cases[] = {
    CASE(a_path),
    CASE(a_relative_path),
    CASE(the_longest_path),
    CASE(a_longer_path_is_refused_not_truncated),
    CASE(a_nul_within_a_path_is_refused),
    CASE(an_abstract_name),
    CASE(the_longest_abstract_name),
    CASE(nobody_there),
    CASE(the_mode_is_as_asked),
    CASE(it_is_never_more_open_than_asked),
    CASE(a_link_that_is_put_in_its_place_is_not_followed),
    CASE(a_stale_file_is_told),
    CASE(a_stale_file_is_replaced),
    CASE(a_living_server_is_never_replaced),
    CASE(a_server_that_does_not_listen_yet_is_never_replaced),
    CASE(a_busy_server_is_never_replaced),
    CASE(what_is_no_socket_is_never_touched),
    CASE(only_our_own_file_is_deleted),
    CASE(a_failed_start_deletes_nothing),
    CASE(of_two_starters_exactly_one_wins),
    CASE(a_strangers_lock_delays_nobody_and_prevents_nothing),
    CASE(a_full_backlog_is_retried_until_accepted),
    CASE(a_full_backlog_of_a_server_that_goes_is_a_failure),
};
CHECK_MAIN(cases)
