/*
 * Lets calls of the C library fail that the addon makes, and nobody else in the process.
 *
 * The program under test says which by its environment, as setting a variable of that ends here:
 *
 *   BIPOLL_FAULT=NAME ERRNO SKIP COUNT  of the calls from now on, SKIP succeed, and COUNT fail then
 *   BIPOLL_FAULTS_MADE                  how many have failed, to be read
 *
 * Memory runs out only for the thread that says so, as others allocate at any moment.
 *
 * To fail another function, wrap it as the others are, and name it in `names`.
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <netdb.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDON "bipoll.node"

enum call {
  NO_CALL,
  ACCEPT4,
  CALLOC,
  EPOLL_ADD,
  EPOLL_CREATE1,
  EPOLL_MOD,
  EPOLL_WAIT,
  GETADDRINFO,
  MALLOC,
  POLL,
  REALLOC,
  RECV,
  SEND,
  SENDMSG,
  CALL_COUNT,
};

static const char *const names[CALL_COUNT] = {
    [ACCEPT4] = "accept4",
    [CALLOC] = "calloc",
    [EPOLL_ADD] = "epoll_ctl_add",
    [EPOLL_CREATE1] = "epoll_create1",
    [EPOLL_MOD] = "epoll_ctl_mod",
    [EPOLL_WAIT] = "epoll_wait",
    [GETADDRINFO] = "getaddrinfo",
    [MALLOC] = "malloc",
    [POLL] = "poll",
    [REALLOC] = "realloc",
    [RECV] = "recv",
    [SEND] = "send",
    [SENDMSG] = "sendmsg",
};

/* ---- What is to fail ---- */

static atomic_int armed; /* an enum call */
static atomic_int error;
static atomic_int to_skip, to_fail, made;
static atomic_uintptr_t addon_start, addon_end;
static _Thread_local bool is_armer;

static int find_addon(struct dl_phdr_info *info, size_t size, void *unused) {
  const size_t length = strlen(info->dlpi_name);
  (void)size, (void)unused;
  if (length < sizeof ADDON - 1 ||
      strcmp(info->dlpi_name + length - (sizeof ADDON - 1), ADDON) != 0) {
    return 0;
  }
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type == PT_LOAD && segment->p_flags & PF_X) {
      addon_start = info->dlpi_addr + segment->p_vaddr;
      addon_end = addon_start + segment->p_memsz;
    }
  }
  return 1;
}

static enum call call_of(const char *name) {
  for (int call = NO_CALL + 1; call < CALL_COUNT; call++) {
    if (strcmp(names[call], name) == 0) {
      return (enum call)call;
    }
  }
  return NO_CALL;
}

static void arm(const char *fault) {
  char name[32] = "";
  int number = 0;
  int skip = 0;
  int count = 0;
  armed = NO_CALL;
  if (sscanf(fault, "%31s %d %d %d", name, &number, &skip, &count) != 4 || !call_of(name)) {
    return;
  }
  dl_iterate_phdr(find_addon, NULL);
  is_armer = true;
  error = number;
  to_skip = skip;
  to_fail = count;
  made = 0;
  armed = call_of(name);
}

/* Whether this call, which returns to that place, fails; errno says why. */
static bool fails(enum call call, const void *place) {
  const uintptr_t caller = (uintptr_t)place;
  if (armed == (int)call && addon_end == 0) {
    dl_iterate_phdr(find_addon, NULL); /* it was loaded since */
  }
  if (armed != (int)call || caller < addon_start || caller >= addon_end) {
    return false;
  }
  if (atomic_fetch_sub(&to_skip, 1) > 0 || atomic_fetch_sub(&to_fail, 1) <= 0) {
    return false;
  }
  atomic_fetch_add(&made, 1);
  errno = error;
  return true;
}

#define FAILS(call) fails(call, __builtin_return_address(0))
#define FAILS_HERE(call) (is_armer && FAILS(call))

/* The function that this one stands before. */
#define NEXT(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

/* ---- How it is told ---- */

int setenv(const char *name, const char *value, int overwrite) {
  if (strcmp(name, "BIPOLL_FAULT") == 0) {
    arm(value);
  }
  return NEXT(setenv)(name, value, overwrite);
}

char *getenv(const char *name) {
  static char count[16];
  if (strcmp(name, "BIPOLL_FAULTS_MADE") == 0) {
    snprintf(count, sizeof count, "%d", made);
    return count;
  }
  return NEXT(getenv)(name);
}

/* ---- Memory, whose real functions dlsym itself may need ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size) {
  return FAILS_HERE(MALLOC) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  return FAILS_HERE(CALLOC) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  return FAILS_HERE(REALLOC) ? NULL : __libc_realloc(memory, size);
}

/* ---- The system ---- */

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  return FAILS(ACCEPT4) ? -1 : NEXT(accept4)(fd, address, length, flags);
}

int epoll_create1(int flags) {
  return FAILS(EPOLL_CREATE1) ? -1 : NEXT(epoll_create1)(flags);
}

int epoll_ctl(int epoll_fd, int change, int fd, struct epoll_event *event) {
  const void *place = __builtin_return_address(0);
  const bool has_failed = (change == EPOLL_CTL_ADD && fails(EPOLL_ADD, place)) ||
                          (change == EPOLL_CTL_MOD && fails(EPOLL_MOD, place));
  return has_failed ? -1 : NEXT(epoll_ctl)(epoll_fd, change, fd, event);
}

int epoll_wait(int epoll_fd, struct epoll_event *events, int capacity, int timeout_ms) {
  return FAILS(EPOLL_WAIT) ? -1 : NEXT(epoll_wait)(epoll_fd, events, capacity, timeout_ms);
}

/* Hangs first, until another call is to fail, as where a name server is silent. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  if (!FAILS(GETADDRINFO)) {
    return NEXT(getaddrinfo)(host, service, hints, found);
  }
  while (armed == GETADDRINFO) {
    (void)usleep(1000);
  }
  return EAI_AGAIN;
}

int poll(struct pollfd *entries, nfds_t count, int timeout_ms) {
  return FAILS(POLL) ? -1 : NEXT(poll)(entries, count, timeout_ms);
}

ssize_t recv(int fd, void *bytes, size_t length, int flags) {
  return FAILS(RECV) ? -1 : NEXT(recv)(fd, bytes, length, flags);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
  return FAILS(SEND) ? -1 : NEXT(send)(fd, bytes, length, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  return FAILS(SENDMSG) ? -1 : NEXT(sendmsg)(fd, message, flags);
}
