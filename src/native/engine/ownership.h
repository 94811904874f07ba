/*
 * Which descriptors of this process belong to a socket, of whatever thread. A number that two
 * sockets had would be closed twice, the second time when it is somebody else's.
 */
#ifndef BIPOLL_OWNERSHIP_H
#define BIPOLL_OWNERSHIP_H

#include <stdbool.h>

/* A descriptor that the system has just given out, so that nobody else can own it. */
void bp_ownership_note(int fd);
/* One from elsewhere. False: it belongs to a socket already. */
bool bp_ownership_claim(int fd);
/* Before it is closed, or given away. */
void bp_ownership_end(int fd);

#endif
