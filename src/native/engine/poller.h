/* What the pump needs of a poller beyond engine.h, and the loop that drains it. */
#ifndef BIPOLL_POLLER_H
#define BIPOLL_POLLER_H

#include "engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most that one wait reports. */
#define BP_POLLER_BATCH 256

/*
 * As bp_poller_monitor, with BP_READABLE and BP_WRITABLE for streams as well: a read, or a write,
 * has something to say, be it an error.
 */
int bp_poller_watch(struct bp_poller *poller, struct bp_socket *socket, unsigned events,
                    uint64_t tag);
/* Takes events away from those that a socket is watched for. */
void bp_poller_drop(struct bp_poller *poller, struct bp_socket *socket, unsigned events);

/* ---- For the loop that drains it ---- */

/* A descriptor that is readable while there is something to drain; -1: there is none, so park. */
int bp_poller_descriptor(const struct bp_poller *poller);
/* Blocks until there is something to drain, or bp_wake(). From a thread of its own. */
void bp_poller_park(struct bp_poller *poller);
/* Milliseconds until it has to be drained though no kernel says so; -1: not at all. */
int bp_poller_next_look_ms(const struct bp_poller *poller);

#ifdef __cplusplus
}
#endif

#endif
