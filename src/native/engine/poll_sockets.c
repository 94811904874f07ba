/* Waiting for one or a few sockets: one system call, and no set to keep. */
#include "deadline.h"
#include "interrupt.h"
#include "predicates.h"
#include "probe.h"

#include <errno.h>
#include <stdlib.h>

#define ON_STACK 8

/* Fills in what must be watched for; returns until when a kernel's word suffices. */
static bp_deadline_ns prepare(const struct bp_query *queries, struct bp_awaited *entries,
                              size_t count) {
  bp_deadline_ns ask_at = BP_FOREVER;
  for (size_t i = 0; i < count; i++) {
    const struct bp_socket *socket = queries[i].socket;
    const unsigned interest = bp_socket_interest(socket, queries[i].events);
    const bp_deadline_ns own = bp_socket_ask_at(socket, queries[i].events);
    entries[i] = bp_socket_awaited(socket, interest);
    if (own != BP_AT_ONCE && own < ask_at) {
      ask_at = own;
    }
  }
  return ask_at;
}

static int ask(struct bp_query *queries, const struct bp_awaited *entries, size_t count) {
  int found = 0;
  for (size_t i = 0; i < count; i++) {
    struct bp_query *query = &queries[i];
    const bool is_ready = entries[i].readiness != 0;
    const bool is_asked = bp_socket_ask_at(query->socket, query->events) != BP_FOREVER;
    query->holds = 0;
    if (is_ready && !is_asked) {
      query->holds = bp_socket_holds_given(query->socket, query->events, entries[i].readiness,
                                           entries[i].interest);
    } else if (is_ready || is_asked) {
      query->holds = bp_socket_holds_given(query->socket, query->events, 0, 0);
    }
    found += query->holds != 0;
  }
  return found;
}

/* True if an answer is already known without the kernel: the first pass must then not block. */
static bool any_is_known(const struct bp_query *queries, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (bp_socket_ask_at(queries[i].socket, queries[i].events) == BP_AT_ONCE) {
      return true;
    }
  }
  return false;
}

static int poll_with(struct bp_query *queries, struct bp_awaited *entries, size_t count,
                     bp_deadline_ns deadline, const struct bp_interrupt *interrupt) {
  bool is_look = any_is_known(queries, count);
  for (;;) {
    const bp_deadline_ns ask_at = prepare(queries, entries, count);
    const bp_deadline_ns until = is_look ? BP_AT_ONCE : ask_at < deadline ? ask_at : deadline;
    const int ready = bp_await_unless(entries, count, until, interrupt);
    if (ready < 0) {
      return ready;
    }
    const int found = ask(queries, entries, count);
    if (found || (!is_look && bp_deadline_passed(deadline)) || deadline == BP_AT_ONCE) {
      return found;
    }
    is_look = false;
  }
}

int bp_poll(struct bp_query *queries, size_t count, bp_deadline_ns deadline,
            const struct bp_interrupt *interrupt) {
  struct bp_awaited on_stack[ON_STACK];
  struct bp_awaited *entries = on_stack;
  if (count >= ON_STACK) { /* one more than count: see bp_await_unless */
    entries = calloc(count + 1, sizeof *entries);
    if (!entries) {
      return -ENOMEM;
    }
  }
  const int found =
      poll_with(queries, entries, count, deadline, deadline == BP_AT_ONCE ? NULL : interrupt);
  if (entries != on_stack) {
    free(entries);
  }
  return found;
}
