/* Names to addresses, with a deadline that the system's resolver does not have. */
#include "address.h"
#include "deadline.h"
#include "interrupt.h"
#include "thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ADDRESSES 32

typedef void bp_found(void *argument, const struct bp_address *addresses, int count);

/* Shared by the caller and the thread that asks; the last to leave frees it. */
struct request {
  bp_mutex mutex;
  bp_condition is_done_changed;
  int users;
  bool is_done;
  int family;
  int count; /* or a negated errno */
  struct bp_address addresses[MAX_ADDRESSES];
  bp_found *found; /* NULL: the caller waits */
  void *argument;
  char hostname[];
};

static void leave(struct request *request) {
  bp_mutex_lock(&request->mutex);
  const bool is_last = --request->users == 0;
  bp_mutex_unlock(&request->mutex);
  if (is_last) {
    bp_condition_destroy(&request->is_done_changed);
    bp_mutex_destroy(&request->mutex);
    free(request);
  }
}

static int error_of(int result) {
  switch (result) {
#ifdef EAI_SYSTEM
  case EAI_SYSTEM:
    return -errno;
#endif
  case EAI_MEMORY:
    return -ENOMEM;
  case EAI_AGAIN:
    return -EAGAIN;
  default:
    return 0; /* there is no such name, or it has no such address */
  }
}

static void work(void *argument) {
  struct request *request = argument;
  struct addrinfo *found = NULL;
  const struct addrinfo hints = {
      .ai_family = request->family == 4   ? AF_INET
                   : request->family == 6 ? AF_INET6
                                          : AF_UNSPEC,
      .ai_socktype = SOCK_STREAM,
  };
  bp_net_start();
  const int result = getaddrinfo(request->hostname, NULL, &hints, &found);
  int count = result ? error_of(result) : 0;
  for (struct addrinfo *each = found; each && count < MAX_ADDRESSES; each = each->ai_next) {
    union bp_ip_address address;
    if (each->ai_addrlen <= sizeof address) {
      memcpy(&address, each->ai_addr, each->ai_addrlen);
      bp_ip_address_format(&address, &request->addresses[count++]);
    }
  }
  if (found) {
    freeaddrinfo(found);
  }
  bp_mutex_lock(&request->mutex);
  request->count = count;
  request->is_done = true;
  bp_condition_signal(&request->is_done_changed);
  bp_mutex_unlock(&request->mutex);
  if (request->found) {
    request->found(request->argument, request->addresses, count);
  }
  leave(request);
}

static int open_request(const char *hostname, int family, struct request **out) {
  const size_t length = strlen(hostname) + 1;
  struct request *request = calloc(1, sizeof *request + length);
  if (!request) {
    return -ENOMEM;
  }
  memcpy(request->hostname, hostname, length);
  request->family = family;
  request->users = 1;
  bp_mutex_init(&request->mutex);
  bp_condition_init(&request->is_done_changed);
  *out = request;
  return 0;
}

static int start(struct request *request) {
  bp_thread thread;
  request->users++;
  const int error = bp_thread_open(&thread, work, request);
  if (error) {
    request->users--;
    return error;
  }
  bp_thread_detach(thread);
  return 0;
}

/* How long a wait may be that learns of no signal. */
#define SIGNAL_LOOK_MS 20

/* A condition cannot be waited for together with a descriptor, so what interrupts is looked at. */
static bp_deadline_ns next_look(const struct bp_interrupt *interrupt, bp_deadline_ns deadline) {
  const bp_deadline_ns look_at = bp_interrupt_has_descriptor(interrupt)
                                     ? bp_deadline_after(SIGNAL_LOOK_MS)
                                     : bp_interrupt_next_look(interrupt, deadline);
  return look_at < deadline ? look_at : deadline;
}

static bool is_interrupted(const struct bp_interrupt *interrupt) {
  struct bp_awaited entries[1];
  return interrupt && bp_await_unless(entries, 0, BP_AT_ONCE, interrupt) == -EINTR;
}

static bool is_done(struct request *request, bp_deadline_ns deadline) {
  int error = 0;
  bp_mutex_lock(&request->mutex);
  while (!request->is_done && !error) {
    error = bp_condition_wait(&request->is_done_changed, &request->mutex, deadline);
  }
  const bool result = request->is_done;
  bp_mutex_unlock(&request->mutex);
  return result;
}

/* -ETIMEDOUT, -EINTR, or the count as the thread left it. */
static int wait_for(struct request *request, bp_deadline_ns deadline,
                    const struct bp_interrupt *interrupt) {
  for (;;) {
    const bp_deadline_ns until = next_look(interrupt, deadline);
    if (is_interrupted(interrupt)) {
      return -EINTR;
    }
    if (is_done(request, until)) {
      return request->count;
    }
    if (until == deadline) {
      return -ETIMEDOUT;
    }
  }
}

int bp_resolve(const char *hostname, int family, bp_deadline_ns deadline,
               const struct bp_interrupt *interrupt, struct bp_address *out, size_t capacity) {
  struct request *request = NULL;
  int error = open_request(hostname, family, &request);
  if (error) {
    return error;
  }
  error = start(request);
  if (error) {
    leave(request);
    return error;
  }
  int count = wait_for(request, deadline, deadline == BP_AT_ONCE ? NULL : interrupt);
  if (count > 0) {
    if ((size_t)count > capacity) {
      count = (int)capacity;
    }
    memcpy(out, request->addresses, (size_t)count * sizeof *out);
  }
  leave(request);
  return count;
}

int bp_look_up(const char *hostname, int family, bp_found *found, void *argument) {
  struct request *request = NULL;
  int error = open_request(hostname, family, &request);
  if (error) {
    return error;
  }
  request->found = found;
  request->argument = argument;
  error = start(request);
  leave(request);
  return error;
}
