#ifndef BIPOLL_AWAIT_BY_POLL_H
#define BIPOLL_AWAIT_BY_POLL_H

#include "await.h"

/* As bp_await, by poll(2), which is everywhere. */
int bp_await_by_poll(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline);

#endif
