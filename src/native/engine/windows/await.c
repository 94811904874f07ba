/* Sockets are waited for by AFD, waitables by an event that any of them sets. */
#include "await.h"

#include "await_by_afd.h"
#include "waitable.h"
#include "windows_error.h"

#include <errno.h>
#include <stdlib.h>
#include <windows.h>

#define ON_STACK 8

static bool set_event(void *context) {
  return SetEvent((HANDLE)context);
}

/* What is ready of the waitables. Returns how many are. */
static int look(struct bp_awaited *entries, size_t count) {
  int ready = 0;
  for (size_t i = 0; i < count; i++) {
    if (entries[i].waitable) {
      entries[i].readiness = bp_waitable_probe(entries[i].waitable, entries[i].interest);
      ready += entries[i].readiness != 0;
    }
  }
  return ready;
}

static void arm(const struct bp_awaited *entries, struct bp_waiter *waiters, size_t count,
                HANDLE event) {
  for (size_t i = 0; i < count; i++) {
    if (entries[i].waitable) {
      waiters[i] = (struct bp_waiter){
          .interest = entries[i].interest, .notify = set_event, .context = event};
      bp_waitable_arm(entries[i].waitable, &waiters[i]);
    }
  }
}

static void disarm(const struct bp_awaited *entries, struct bp_waiter *waiters, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (entries[i].waitable) {
      (void)bp_waitable_disarm(&waiters[i]);
    }
  }
}

static int await_both_with(struct bp_awaited *entries, struct bp_waiter *waiters, size_t count,
                           bp_deadline_ns deadline) {
  HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
  if (!event) {
    return bp_error_of_windows(GetLastError());
  }
  arm(entries, waiters, count, event);
  const int sockets = bp_await_by_afd(entries, count, event, deadline);
  disarm(entries, waiters, count);
  CloseHandle(event);
  return sockets < 0 ? sockets : look(entries, count) + sockets;
}

/* Some entries are waitables, and none of these was ready. */
static int await_both(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline) {
  struct bp_waiter on_stack[ON_STACK];
  if (count <= ON_STACK) {
    return await_both_with(entries, on_stack, count, deadline);
  }
  struct bp_waiter *waiters = calloc(count, sizeof *waiters);
  if (!waiters) {
    return -ENOMEM;
  }
  const int ready = await_both_with(entries, waiters, count, deadline);
  free(waiters);
  return ready;
}

int bp_await(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline) {
  size_t waitables = 0;
  for (size_t i = 0; i < count; i++) {
    entries[i].readiness = 0;
    waitables += entries[i].waitable != NULL;
  }
  const int ready = look(entries, count);
  if (waitables > 0 && ready == 0 && deadline != BP_AT_ONCE) {
    return await_both(entries, count, deadline);
  }
  if (waitables > 0 && waitables == count) {
    return ready;
  }
  const int sockets = bp_await_by_afd(entries, count, NULL, ready > 0 ? BP_AT_ONCE : deadline);
  return sockets < 0 ? sockets : ready + sockets;
}
