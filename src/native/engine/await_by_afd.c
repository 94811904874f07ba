#include "afd.h"
#include "await.h"
#include "deadline.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#define ON_STACK 8
#define NS_PER_TICK 100

static HANDLE afd;
static int afd_error;

static void open_afd(void) {
  afd_error = bp_afd_open(&afd);
}

/* One for the process, as it holds nothing: operations that end by an event do not touch one
 * another. */
static int need_afd(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  (void)pthread_once(&once, open_afd);
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
static int note(struct bp_awaited *entries, size_t count, const struct bp_afd_poll *poll) {
  int ready = 0;
  for (ULONG i = 0; i < poll->count; i++) {
    const struct bp_afd_socket *found = &poll->sockets[i];
    for (size_t j = 0; j < count; j++) {
      if (entries[j].fd >= 0 && bp_afd_socket_of(entries[j].fd) == found->socket) {
        const unsigned asked =
            entries[j].interest | (entries[j].interest & BP_READ ? BP_PEER_CLOSED : 0U);
        const unsigned readiness =
            bp_afd_readiness(found->events, entries[j].interest) & (asked | BP_HUNG_UP | BP_ERROR);
        ready += readiness && !entries[j].readiness;
        entries[j].readiness |= readiness;
      }
    }
  }
  return ready;
}

static int submit_and_wait(struct bp_awaited *entries, size_t count, struct bp_afd_poll *poll,
                           bp_deadline_ns deadline) {
  IO_STATUS_BLOCK status;
  const ULONG size =
      (ULONG)(offsetof(struct bp_afd_poll, sockets) + poll->count * sizeof poll->sockets[0]);
  poll->timeout = ticks_left(deadline);
  poll->exclusive = FALSE;
  const HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
  if (!event) {
    return bp_error_of_windows(GetLastError());
  }
  const int error = bp_afd_submit(afd, event, &status, poll, size);
  if (!error) {
    (void)WaitForSingleObject(event, INFINITE);
  }
  CloseHandle(event);
  if (error || status.Status == STATUS_TIMEOUT) {
    return error;
  }
  return status.Status ? bp_error_of_windows(RtlNtStatusToDosError(status.Status))
                       : note(entries, count, poll);
}

static int await(struct bp_awaited *entries, size_t count, struct bp_afd_poll *poll,
                 bp_deadline_ns deadline) {
  poll->count = 0;
  for (size_t i = 0; i < count; i++) {
    entries[i].readiness = 0;
    if (entries[i].fd >= 0) {
      poll->sockets[poll->count++] = (struct bp_afd_socket){
          .socket = bp_afd_socket_of(entries[i].fd),
          .events = bp_afd_events(entries[i].interest),
      };
    }
  }
  if (poll->count > 0) {
    return submit_and_wait(entries, count, poll, deadline);
  }
  const int left_ms = bp_deadline_left_ms(deadline);
  Sleep(left_ms < 0 ? INFINITE : (DWORD)left_ms);
  return 0;
}

int bp_await(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline) {
  union {
    struct bp_afd_poll poll;
    char bytes[sizeof(struct bp_afd_poll) + ON_STACK * sizeof(struct bp_afd_socket)];
  } on_stack;
  const int error = need_afd();
  if (error) {
    return error;
  }
  if (count <= ON_STACK) {
    return await(entries, count, &on_stack.poll, deadline);
  }
  struct bp_afd_poll *poll = malloc(sizeof *poll + count * sizeof poll->sockets[0]);
  if (!poll) {
    return -ENOMEM;
  }
  const int ready = await(entries, count, poll, deadline);
  free(poll);
  return ready;
}
