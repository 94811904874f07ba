/* What the pump needs of a poller beyond engine.h. */
#ifndef BIPOLL_POLLER_H
#define BIPOLL_POLLER_H

#include "engine.h"

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

#endif
