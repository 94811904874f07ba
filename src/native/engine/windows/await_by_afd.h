#ifndef BIPOLL_AWAIT_BY_AFD_H
#define BIPOLL_AWAIT_BY_AFD_H

#include "await.h"

#include <windows.h>

/*
 * As bp_await, for the sockets among the entries: passes over waitables, and over what is ready
 * already, and adds to readiness. Ends early when other, an event or NULL, is set.
 */
int bp_await_by_afd(struct bp_awaited *entries, size_t count, HANDLE other,
                    bp_deadline_ns deadline);

#endif
