#ifndef BIPOLL_AWAIT_BY_KQUEUE_H
#define BIPOLL_AWAIT_BY_KQUEUE_H

#include "await.h"

/* As bp_await. kqueue(2) tells more than the poll(2) of those systems that have it. */
int bp_await_by_kqueue(struct bp_awaited *entries, size_t count, bp_deadline_ns deadline);

#endif
