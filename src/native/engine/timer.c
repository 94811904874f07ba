/*
 * Timers. No kernel knows of them: each wait asks when they are due and lasts no longer than that,
 * so a timer takes no descriptor and works on every backend.
 */
#include "clock.h"
#include "kind.h"

#include <errno.h>

struct timer {
  struct bp_socket socket; /* first */
  bp_deadline_ns due_at; /* of the first expiration that is not taken; BP_FOREVER: there is none */
  int64_t interval_ns;   /* BP_FOREVER: it expires once */
};

static int64_t expirations(const struct timer *timer) {
  const int64_t now = bp_now_ns();
  return now < timer->due_at ? 0 : 1 + (now - timer->due_at) / timer->interval_ns;
}

int bp_open_timer(bp_deadline_ns first_at, int64_t interval_ns, struct bp_socket **out) {
  if (interval_ns <= 0) {
    return -EINVAL;
  }
  const int error = bp_socket_new(&bp_timer, BP_STATE_CONNECTED, -1, NULL, 0, out);
  if (!error) {
    struct timer *timer = (struct timer *)*out;
    timer->due_at = first_at == BP_AT_ONCE ? bp_now_ns() : first_at;
    timer->interval_ns = interval_ns;
  }
  return error;
}

int64_t bp_timer_take(struct bp_socket *socket) {
  if (socket->ops != &bp_timer) {
    return -EINVAL;
  }
  struct timer *timer = (struct timer *)socket;
  const int64_t count = expirations(timer);
  if (count > 0 && timer->interval_ns == BP_FOREVER) {
    timer->due_at = BP_FOREVER;
  } else {
    /* Counted from the first expiration, so a script that is late does not put off the next. */
    timer->due_at += count * timer->interval_ns;
  }
  return count;
}

static void timer_close(struct bp_socket *socket) {
  (void)socket; /* the system has nothing of it */
}

static unsigned timer_interest(const struct bp_socket *socket, unsigned events) {
  (void)socket;
  (void)events;
  return 0;
}

static bp_deadline_ns timer_ask_at(const struct bp_socket *socket, unsigned events) {
  (void)events;
  return ((const struct timer *)socket)->due_at;
}

static unsigned timer_holds(struct bp_socket *socket, unsigned events, unsigned readiness) {
  (void)readiness;
  return expirations((const struct timer *)socket) > 0 ? events : 0;
}

const struct bp_kind_ops bp_timer = {
    .kind = BP_KIND_TIMER,
    .size = sizeof(struct timer),
    .events = BP_EVENT_EXPIRED,
    .close = timer_close,
    .interest = timer_interest,
    .ask_at = timer_ask_at,
    .holds = timer_holds,
};
