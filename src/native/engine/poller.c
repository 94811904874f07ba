/* Pollers: which sockets are monitored for what, and a wait that turns readiness into events. */
#include "poller.h"

#include "deadline.h"
#include "interrupt.h"
#include "kind.h"
#include "predicates.h"
#include "probe.h"
#include "registry.h"

#include <errno.h>
#include <stdlib.h>

/* A socket in a poller. */
struct bp_watch {
  struct bp_observer observer; /* first */
  struct bp_poller *poller;
  struct bp_socket *socket;
  struct bp_watch *previous_asked, *next_asked; /* valid while is_asked */
  bool is_asked; /* the kernel cannot tell all of it: each wait asks the socket itself */
  unsigned events;
  uint64_t tag;
  struct bp_registration registration;
  bp_deadline_ns settle_at; /* the backend refused what is to be watched for; or BP_FOREVER */
};

struct bp_poller {
  const struct bp_backend_ops *ops;
  struct bp_backend *backend;
  struct bp_slots watches;
  struct bp_watch *first_asked, *last_asked;
  struct bp_watch signals; /* of the descriptor that tells of them; no socket's */
  /* What a loop that drains this was last told by bp_poller_next_look; BP_AT_ONCE: nobody asks. */
  bp_deadline_ns told_look;
  struct bp_registry_entry registry_entry;
};

/* ---- What is watched for ---- */

/* Milliseconds before we ask again a backend that refused to watch, mostly for want of memory. */
#define REST_MS 20

/* When the socket is to be asked, whatever the kernel tells; BP_FOREVER: not at all. */
static bp_deadline_ns ask_at(const struct bp_watch *watch) {
  const bp_deadline_ns at = bp_socket_ask_at(watch->socket, watch->events);
  return at < watch->settle_at ? at : watch->settle_at;
}

static void set_asked(struct bp_watch *watch, bool is_asked) {
  struct bp_poller *poller = watch->poller;
  if (watch->is_asked == is_asked) {
    return;
  }
  watch->is_asked = is_asked;
  if (is_asked) {
    watch->next_asked = NULL;
    watch->previous_asked = poller->last_asked;
    *(poller->last_asked ? &poller->last_asked->next_asked : &poller->first_asked) = watch;
    poller->last_asked = watch;
    return;
  }
  *(watch->previous_asked ? &watch->previous_asked->next_asked : &poller->first_asked) =
      watch->next_asked;
  *(watch->next_asked ? &watch->next_asked->previous_asked : &poller->last_asked) =
      watch->previous_asked;
}

static int set_interest(struct bp_watch *watch, unsigned interest) {
  struct bp_registration *registration = &watch->registration;
  if (registration->interest == interest) {
    return 0;
  }
  registration->waitable = bp_socket_waitable(watch->socket); /* it may have connected since */
  const int error = watch->poller->ops->set(watch->poller->backend, registration, interest);
  if (!error) {
    registration->interest = interest;
  }
  return error;
}

/*
 * Makes the backend watch for what can still happen to the socket. If it refuses, later waits try
 * again, as most callers have nobody to report an error to.
 */
static int settle(struct bp_watch *watch) {
  int error = set_interest(watch, bp_socket_interest(watch->socket, watch->events));
  if (error == -EPERM && watch->socket->ops->note_unwatchable) {
    watch->socket->ops->note_unwatchable(watch->socket);
    error = 0;
  }
  watch->settle_at = error ? bp_deadline_after(REST_MS) : BP_FOREVER;
  set_asked(watch, ask_at(watch) != BP_FOREVER);
  return error;
}

/* Must be called before the descriptor is closed: afterwards it cannot be taken out of the kernel's
 * set. */
static void remove_watch(struct bp_watch *watch) {
  bp_socket_unobserve(watch->socket, &watch->observer);
  set_asked(watch, false);
  (void)set_interest(watch, 0);
  bp_slots_remove(&watch->poller->watches, watch->registration.token);
  free(watch);
}

/* Wakes a loop that would ask this one too late. */
static void look_in_time(const struct bp_watch *watch) {
  struct bp_poller *poller = watch->poller;
  if (watch->is_asked && ask_at(watch) < poller->told_look) {
    poller->told_look = BP_AT_ONCE; /* until it asks again */
    poller->ops->wake(poller->backend);
  }
}

static void on_socket_changed(struct bp_observer *observer) {
  struct bp_watch *watch = (struct bp_watch *)observer;
  (void)settle(watch);
  look_in_time(watch);
}

static void on_socket_closing(struct bp_observer *observer) {
  remove_watch((struct bp_watch *)observer);
}

static const struct bp_observer_ops watch_ops = {
    .changed = on_socket_changed,
    .closing = on_socket_closing,
};

static struct bp_watch *find(const struct bp_poller *poller, const struct bp_socket *socket) {
  for (struct bp_observer *each = socket->observers; each; each = each->next) {
    struct bp_watch *watch = (struct bp_watch *)each;
    if (each->ops == &watch_ops && watch->poller == poller) {
      return watch;
    }
  }
  return NULL;
}

int bp_poller_watch(struct bp_poller *poller, struct bp_socket *socket, unsigned events,
                    uint64_t tag) {
  struct bp_watch *watch = find(poller, socket);
  if (watch) {
    const unsigned before = watch->events;
    watch->events = events;
    watch->tag = tag;
    const int error = settle(watch);
    if (error) {
      watch->events = before;
    }
    return error;
  }
  watch = calloc(1, sizeof *watch);
  if (!watch) {
    return -ENOMEM;
  }
  watch->poller = poller;
  watch->socket = socket;
  watch->events = events;
  watch->tag = tag;
  watch->registration.fd = socket->fd;
  watch->settle_at = BP_FOREVER;
  int error = bp_slots_add(&poller->watches, watch, &watch->registration.token);
  if (error) {
    free(watch);
    return error;
  }
  watch->observer.ops = &watch_ops;
  bp_socket_observe(socket, &watch->observer);
  error = settle(watch);
  if (error) {
    remove_watch(watch);
  }
  return error;
}

int bp_poller_monitor(struct bp_poller *poller, struct bp_socket *socket, unsigned events,
                      uint64_t tag) {
  const bool is_possible = !(events & ~socket->ops->events);
  return is_possible ? bp_poller_watch(poller, socket, events, tag) : -EINVAL;
}

int bp_poller_add(struct bp_poller *poller, struct bp_socket *socket, unsigned events,
                  uint64_t tag) {
  const struct bp_watch *watch = find(poller, socket);
  const int error = watch ? bp_poller_watch(poller, socket, watch->events | events, watch->tag)
                          : bp_poller_watch(poller, socket, events, tag);
  if (!error) {
    look_in_time(find(poller, socket));
  }
  return error;
}

void bp_poller_drop(struct bp_poller *poller, struct bp_socket *socket, unsigned events) {
  struct bp_watch *watch = find(poller, socket);
  if (watch) {
    watch->events &= ~events;
    (void)settle(watch);
  }
}

int bp_poller_unmonitor(struct bp_poller *poller, struct bp_socket *socket) {
  struct bp_watch *watch = find(poller, socket);
  if (!watch) {
    return -ENOENT;
  }
  remove_watch(watch);
  return 0;
}

/* ---- Opening and closing ---- */

int bp_poller_open(const char *backend, struct bp_poller **out) {
  const struct bp_backend_ops *ops = bp_backend_find(backend);
  if (!ops) {
    return -EINVAL;
  }
  struct bp_poller *poller = calloc(1, sizeof *poller);
  if (!poller) {
    return -ENOMEM;
  }
  poller->ops = ops;
  const int error = ops->open(&poller->backend);
  if (error) {
    free(poller);
    return error;
  }
  poller->registry_entry = (struct bp_registry_entry){.ops = ops, .backend = poller->backend};
  bp_registry_add(&poller->registry_entry);
  *out = poller;
  return 0;
}

void bp_poller_close(struct bp_poller *poller) {
  struct bp_watch *watch = NULL;
  uint32_t position = 0;
  bp_registry_remove(&poller->registry_entry);
  bp_slots_remove(&poller->watches, poller->signals.registration.token);
  while ((watch = bp_slots_next(&poller->watches, &position))) {
    remove_watch(watch);
  }
  poller->ops->close(poller->backend);
  bp_slots_free(&poller->watches);
  free(poller);
}

const char *bp_poller_backend(const struct bp_poller *poller) {
  return poller->ops->name;
}

uint64_t bp_poller_waker(const struct bp_poller *poller) {
  return poller->registry_entry.number;
}

/* ---- Signals ---- */

/*
 * Starts or stops watching the descriptor that tells of signals. It stays watched between waits.
 * Returns whether it is watched; if not, only EINTR tells of signals.
 */
static bool follow_signals(struct bp_poller *poller, const struct bp_interrupt *interrupt) {
  struct bp_registration *registration = &poller->signals.registration;
  const unsigned interest = bp_interrupt_has_descriptor(interrupt) ? BP_READINESS_READ : 0;
  if (registration->interest == interest) {
    return interest != 0;
  }
  if (interest) {
    registration->fd = interrupt->signal_fd;
  }
  if ((registration->token == 0 &&
       bp_slots_add(&poller->watches, &poller->signals, &registration->token)) ||
      poller->ops->set(poller->backend, registration, interest)) {
    return false;
  }
  registration->interest = interest;
  return interest != 0;
}

/* ---- Waiting ---- */

/*
 * When to ask again. If the reason for asking has ended, as a rest does when its time is over, that
 * is now: asking the socket makes the backend watch it again.
 */
static bp_deadline_ns ask_again_at(const struct bp_watch *watch) {
  const bp_deadline_ns at = ask_at(watch);
  return at == BP_FOREVER && watch->is_asked ? bp_now_ns() : at;
}

/* Asks the sockets whose state no kernel reports. Returns how many have events, and through
 * next_ask_at when to ask again. */
static size_t collect_asked(struct bp_poller *poller, struct bp_occurrence *out, size_t capacity,
                            bp_deadline_ns *next_ask_at) {
  size_t count = 0;
  struct bp_watch *next = NULL;
  struct bp_watch *moved = NULL; /* the first one asked in this round */
  for (struct bp_watch *watch = poller->first_asked; watch && watch != moved && count < capacity;
       watch = next) {
    next = watch->next_asked; /* asking can take this one off the list */
    const unsigned holds = bp_socket_holds_given(watch->socket, watch->events, 0, 0);
    if (holds) {
      out[count++] =
          (struct bp_occurrence){.socket = watch->socket, .tag = watch->tag, .events = holds};
      /* To the tail: a full batch must not starve the rest. */
      set_asked(watch, false);
      set_asked(watch, true);
      moved = moved ? moved : watch;
      continue;
    }
    (void)settle(watch);
    const bp_deadline_ns at = ask_again_at(watch);
    if (at != BP_AT_ONCE && at < *next_ask_at) {
      *next_ask_at = at;
    }
  }
  return count;
}

/* has_signal: the descriptor that tells of signals was among them. */
static size_t collect_ready(struct bp_poller *poller, const struct bp_ready *ready,
                            size_t ready_count, struct bp_occurrence *out, bool *has_signal) {
  size_t count = 0;
  for (size_t i = 0; i < ready_count; i++) {
    struct bp_watch *watch = bp_slots_get(&poller->watches, ready[i].token);
    if (!watch || watch->is_asked) {
      continue; /* gone, or asked already in this round */
    }
    if (watch == &poller->signals) {
      *has_signal = true;
      continue;
    }
    const unsigned holds = bp_socket_holds_given(watch->socket, watch->events, ready[i].readiness,
                                                 watch->registration.interest);
    if (holds) {
      out[count++] =
          (struct bp_occurrence){.socket = watch->socket, .tag = watch->tag, .events = holds};
    } else {
      /* Ready for something that nobody monitors, perhaps for ever: stop watching for it. */
      (void)settle(watch);
    }
  }
  return count;
}

int bp_poller_wait(struct bp_poller *poller, bp_deadline_ns deadline,
                   const struct bp_interrupt *interrupt, struct bp_occurrence *out,
                   size_t capacity) {
  struct bp_ready ready[BP_POLLER_BATCH];
  const bool waits = deadline != BP_AT_ONCE;
  const bool counts_cut_calls =
      waits && interrupt && interrupt->by_signals && !follow_signals(poller, interrupt);
  for (;;) {
    bp_deadline_ns next_ask_at = BP_FOREVER;
    bool woken = false;
    bool has_signal = false;
    /* Some room stays for those that the kernel tells of. */
    const size_t room_for_asked = capacity < 4 ? 1 : capacity - capacity / 4;
    size_t count = collect_asked(poller, out, room_for_asked, &next_ask_at);
    const size_t room = capacity - count < BP_POLLER_BATCH ? capacity - count : BP_POLLER_BATCH;
    if (room > 0) {
      const bp_deadline_ns sooner = next_ask_at < deadline ? next_ask_at : deadline;
      const int got = poller->ops->wait(
          poller->backend, count ? BP_AT_ONCE : bp_interrupt_next_look(interrupt, sooner), ready,
          room, &woken);
      if (got == -EINTR) {
        has_signal = counts_cut_calls;
      } else if (got < 0) {
        return count ? (int)count : got;
      } else {
        count += collect_ready(poller, ready, (size_t)got, out + count, &has_signal);
      }
    }
    if (count || woken) {
      return (int)count;
    }
    if (waits && (has_signal || bp_interrupt_is_over(interrupt))) {
      return -EINTR;
    }
    if (bp_deadline_passed(deadline)) {
      return 0;
    }
  }
}

/* ---- For a loop that drains it ---- */

int bp_poller_descriptor(const struct bp_poller *poller) {
  return poller->ops->descriptor(poller->backend);
}

void bp_poller_park(struct bp_poller *poller) {
  poller->ops->park(poller->backend);
}

bp_deadline_ns bp_poller_next_look(struct bp_poller *poller) {
  bp_deadline_ns next = BP_FOREVER;
  for (const struct bp_watch *watch = poller->first_asked; watch; watch = watch->next_asked) {
    const bp_deadline_ns at = ask_again_at(watch);
    next = at < next ? at : next;
  }
  poller->told_look = next;
  return next;
}
