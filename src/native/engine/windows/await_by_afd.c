#include "await_by_afd.h"

#include "afd.h"
#include "deadline.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

#define ON_STACK 8
#define NS_PER_TICK 100
#define CANCELLED                                                                                  \
  ((NTSTATUS)0xC0000120) /* STATUS_CANCELLED, of a header that clashes with others */

/* What a wait works with. */
struct waiting {
  struct bp_awaited *entries;
  HANDLE *sockets; /* of each entry, as AFD knows it; NULL: it is not waited for here */
  size_t count;
  struct bp_afd_poll *poll;
  HANDLE other;
};

static HANDLE afd;
static int afd_error;

static BOOL CALLBACK open_afd(INIT_ONCE *once, void *argument, void **context) {
  (void)once;
  (void)argument;
  (void)context;
  afd_error = bp_afd_open(&afd);
  return TRUE;
}

/* One for the process, as it holds nothing: operations that end by an event do not touch one
 * another. */
static int need_afd(void) {
  static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
  (void)InitOnceExecuteOnce(&once, open_afd, NULL, NULL);
  return afd_error;
}

static LARGE_INTEGER ticks_left(bp_deadline_ns deadline) {
  LARGE_INTEGER ticks = {.QuadPart = 0};
  if (deadline == BP_FOREVER) {
    ticks.QuadPart = INT64_MAX;
  } else if (deadline != BP_AT_ONCE) {
    const int64_t left_ns = deadline - bp_now_ns();
    ticks.QuadPart = left_ns > 0 ? -((left_ns + NS_PER_TICK - 1) / NS_PER_TICK) : 0;
  }
  return ticks;
}

/* Tells the entries what was found, by socket: a socket may be in several. Returns how many are
 * ready. */
static int note(const struct waiting *waiting) {
  int ready = 0;
  for (ULONG i = 0; i < waiting->poll->count; i++) {
    const struct bp_afd_socket *found = &waiting->poll->sockets[i];
    for (size_t j = 0; j < waiting->count; j++) {
      struct bp_awaited *entry = &waiting->entries[j];
      if (waiting->sockets[j] == found->socket) {
        const unsigned readiness = bp_afd_readiness(found->events, entry->interest);
        ready += readiness && !entry->readiness;
        entry->readiness |= readiness;
      }
    }
  }
  return ready;
}

/* Waits until the poll is over or other is set, which ends the poll. */
static void wait_for(HANDLE event, HANDLE other, IO_STATUS_BLOCK *status) {
  const HANDLE events[] = {event, other};
  if (WaitForMultipleObjects(other ? 2 : 1, events, FALSE, INFINITE) != WAIT_OBJECT_0) {
    bp_afd_cancel(afd, status);
    (void)WaitForSingleObject(event, INFINITE);
  }
}

static int submit_and_wait(const struct waiting *waiting, bp_deadline_ns deadline) {
  IO_STATUS_BLOCK status;
  struct bp_afd_poll *poll = waiting->poll;
  const ULONG size =
      (ULONG)(offsetof(struct bp_afd_poll, sockets) + poll->count * sizeof poll->sockets[0]);
  poll->timeout = ticks_left(deadline);
  poll->exclusive = FALSE;
  HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
  if (!event) {
    return bp_error_of_windows(GetLastError());
  }
  const int error = bp_afd_submit(afd, event, &status, poll, size);
  if (!error) {
    wait_for(event, waiting->other, &status);
  }
  CloseHandle(event);
  if (error || status.Status == STATUS_TIMEOUT || status.Status == CANCELLED) {
    return error;
  }
  return status.Status ? bp_error_of_windows(RtlNtStatusToDosError(status.Status)) : note(waiting);
}

/* Says what to poll: all but what is known to be closed. */
static void prepare(const struct waiting *waiting) {
  struct bp_afd_poll *poll = waiting->poll;
  poll->count = 0;
  for (size_t i = 0; i < waiting->count; i++) {
    const struct bp_awaited *entry = &waiting->entries[i];
    waiting->sockets[i] = NULL;
    if (entry->fd >= 0 && !entry->waitable && !entry->readiness) {
      waiting->sockets[i] = bp_afd_socket_of(entry->fd);
      poll->sockets[poll->count++] = (struct bp_afd_socket){
          .socket = waiting->sockets[i],
          .events = bp_afd_events(entry->interest),
      };
    }
  }
}

/* Sockets that were closed past us are ready, with that. Returns how many are. */
static int note_closed(const struct waiting *waiting) {
  int closed = 0;
  for (size_t i = 0; i < waiting->count; i++) {
    struct bp_awaited *entry = &waiting->entries[i];
    if (waiting->sockets[i] && bp_afd_check(entry->fd) == -EBADF) {
      entry->readiness = bp_afd_readiness(BP_AFD_LOCAL_CLOSE, entry->interest);
      closed++;
    }
  }
  return closed;
}

/* There is no socket to wait for. */
static void wait_for_other(HANDLE other, bp_deadline_ns deadline) {
  const int left_ms = bp_deadline_left_ms(deadline);
  const DWORD left = left_ms < 0 ? INFINITE : (DWORD)left_ms;
  if (other) {
    (void)WaitForSingleObject(other, left);
  } else {
    Sleep(left);
  }
}

static int await(const struct waiting *waiting, bp_deadline_ns deadline) {
  prepare(waiting);
  if (waiting->poll->count == 0) {
    wait_for_other(waiting->other, deadline);
    return 0;
  }
  const int error = need_afd();
  return error ? error : submit_and_wait(waiting, deadline);
}

/* AFD refuses all for one that was closed, and does not say which: so only then each is looked at.
 */
static int await_open(const struct waiting *waiting, bp_deadline_ns deadline) {
  const int ready = await(waiting, deadline);
  const int closed = ready == -EBADF ? note_closed(waiting) : 0;
  if (closed == 0) {
    return ready;
  }
  const int rest = await(waiting, BP_AT_ONCE);
  return closed + (rest > 0 ? rest : 0);
}

int bp_await_by_afd(struct bp_awaited *entries, size_t count, HANDLE other,
                    bp_deadline_ns deadline) {
  union {
    struct bp_afd_poll poll;
    char bytes[sizeof(struct bp_afd_poll) + ON_STACK * sizeof(struct bp_afd_socket)];
  } on_stack;
  HANDLE sockets[ON_STACK];
  struct waiting waiting = {.entries = entries,
                            .sockets = sockets,
                            .count = count,
                            .poll = &on_stack.poll,
                            .other = other};
  int ready = -ENOMEM;
  if (count <= ON_STACK) {
    return await_open(&waiting, deadline);
  }
  waiting.poll = malloc(sizeof *waiting.poll + count * sizeof waiting.poll->sockets[0]);
  waiting.sockets = malloc(count * sizeof(HANDLE));
  if (waiting.poll && waiting.sockets) {
    ready = await_open(&waiting, deadline);
  }
  free(waiting.poll);
  free(waiting.sockets);
  return ready;
}
