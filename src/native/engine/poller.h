/* What a pump or an event loop needs of a poller beyond engine.h. */
#ifndef BIPOLL_POLLER_H
#define BIPOLL_POLLER_H

#include "engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most that one wait reports. */
#define BP_POLLER_BATCH 256

/*
 * As bp_poller_monitor, with BP_EVENT_READABLE and BP_EVENT_WRITABLE for streams as well, meaning:
 * the next read (write) will not return "nothing now".
 */
int bp_poller_watch(struct bp_poller *poller, struct bp_socket *socket, unsigned events,
                    uint64_t tag);
/* Adds events to those that a socket is watched for; tag counts where it is not watched yet. */
int bp_poller_add(struct bp_poller *poller, struct bp_socket *socket, unsigned events,
                  uint64_t tag);
/* Takes events away from those that a socket is watched for. */
void bp_poller_drop(struct bp_poller *poller, struct bp_socket *socket, unsigned events);

/* ---- For a loop that drains it ---- */

/* A descriptor that is readable while something is ready; -1: there is none, so park. */
int bp_poller_descriptor(const struct bp_poller *poller);
/* Blocks until something is ready, or bp_wake(). From a thread of its own. */
void bp_poller_park(struct bp_poller *poller);
/*
 * When a wait must begin even though the kernel reports nothing. If that later becomes sooner, the
 * poller wakes, so that whoever drains it asks again.
 */
bp_deadline_ns bp_poller_next_look(struct bp_poller *poller);

#ifdef __cplusplus
}
#endif

#endif
