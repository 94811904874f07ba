#include "waitable.h"

#include "overlapped.h"

#define READING (BP_READINESS_READ | BP_READINESS_PEER_CLOSED)

static void enlist(struct bp_waitable *waitable, struct bp_waiter *waiter) {
  waiter->next = waitable->waiters;
  waiter->link = &waitable->waiters;
  if (waiter->next) {
    waiter->next->link = &waiter->next;
  }
  waitable->waiters = waiter;
  waiter->is_waiting = true;
}

static void strike_off(struct bp_waiter *waiter) {
  *waiter->link = waiter->next;
  if (waiter->next) {
    waiter->next->link = waiter->link;
  }
  waiter->is_waiting = false;
}

/* One that cannot be told now, for want of memory, goes on waiting. */
static void tell(struct bp_waiter *waiter) {
  if (waiter->notify(waiter->context)) {
    strike_off(waiter);
  }
}

unsigned bp_waitable_probe(struct bp_waitable *waitable, unsigned interest) {
  bp_overlapped_lock();
  const unsigned ready = waitable->look(waitable);
  bp_overlapped_unlock();
  return bp_readiness_reported(ready, interest);
}

void bp_waitable_arm(struct bp_waitable *waitable, struct bp_waiter *waiter) {
  bp_overlapped_lock();
  const unsigned ready = waitable->look(waitable);
  enlist(waitable, waiter);
  if (bp_readiness_reported(ready, waiter->interest)) {
    tell(waiter);
  } else if (waiter->interest & READING && !(ready & BP_READINESS_READ)) {
    /* While there are bytes that this one does not care for, all that could be expected is there
     * already: it would be told of them for ever. See bp_waitable_has_read. */
    waitable->expect(waitable);
  }
  bp_overlapped_unlock();
}

bool bp_waitable_disarm(struct bp_waiter *waiter) {
  bp_overlapped_lock();
  const bool was_waiting = waiter->is_waiting;
  if (was_waiting) {
    strike_off(waiter);
  }
  bp_overlapped_unlock();
  return was_waiting;
}

void bp_waitable_notify(struct bp_waitable *waitable, unsigned interest) {
  struct bp_waiter *next = NULL;
  for (struct bp_waiter *waiter = waitable->waiters; waiter; waiter = next) {
    next = waiter->next;
    if (waiter->interest & interest) {
      tell(waiter);
    }
  }
}

void bp_waitable_has_read(struct bp_waitable *waitable) {
  bool is_awaited = false;
  bp_overlapped_lock();
  for (const struct bp_waiter *waiter = waitable->waiters; waiter && !is_awaited;
       waiter = waiter->next) {
    is_awaited = waiter->interest & READING;
  }
  if (is_awaited) {
    waitable->expect(waitable);
  }
  bp_overlapped_unlock();
}
