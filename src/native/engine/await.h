/* Waiting for a few descriptors at once, with no set to keep. */
#ifndef BIPOLL_AWAIT_H
#define BIPOLL_AWAIT_H

#include "engine.h"
#ifdef _WIN32
#include "waitable.h"
#endif

struct bp_awaited {
  int fd;             /* negative: nothing to wait for */
  unsigned interest;  /* as of a registration: backend.h */
  unsigned readiness; /* out */
#ifdef _WIN32
  struct bp_waitable *waitable; /* not NULL: instead of fd */
  struct bp_waiter waiter;      /* this and the next: for bp_await's own use */
  void *afd_socket;
#endif
};

/* What to wait for to notice that a socket is ready for this. */
struct bp_awaited bp_socket_awaited(const struct bp_socket *socket, unsigned interest);

/* Until one of them is ready. Returns how many are; 0 at the deadline; -EINTR after a signal. */
int bp_await(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline);

/* Two ways of it on POSIX systems: kqueue tells more than the poll(2) of those that have it. */
int bp_await_by_poll(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline);
int bp_await_by_kqueue(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline);

#ifdef _WIN32
/* For the sockets among them: adds to readiness. It ends early when other, an event, is set. */
int bp_await_by_afd(struct bp_awaited *entries, size_t count, void *other, bp_deadline_ns deadline);
#endif

#endif
