/* The one mapping between readiness and kqueue's filters. */
#ifndef BIPOLL_KFILTER_H
#define BIPOLL_KFILTER_H

#include <stddef.h>
#include <sys/types.h>

#include <sys/event.h> /* on the BSDs it needs the former */

#define BP_KFILTER_CHANGES 3 /* the most that bp_kfilter_changes writes */

/*
 * The changes that lead from one interest to another, for kevent(2). Each bears EV_RECEIPT, and
 * udata, which every change of a filter overwrites. Returns how many.
 */
size_t bp_kfilter_changes(int fd, unsigned from, unsigned to, void *udata,
                          struct kevent changes[BP_KFILTER_CHANGES]);

/*
 * With an interest in the peer's end alone, the read filter shows each stirring once, so that
 * unread bytes are not reported for ever; and the end, too. This has it shown from now on: to be
 * applied when the end was reported.
 */
size_t bp_kfilter_keep_showing_end(const struct kevent *event,
                                   struct kevent changes[BP_KFILTER_CHANGES]);

/* What an event says that is of interest; 0: nothing. */
unsigned bp_kfilter_readiness(const struct kevent *event, unsigned interest);

#endif
