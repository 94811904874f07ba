/* What can be set of a TCP socket, in its system's own way: tcp_settings.c of posix/ or windows/.
 */
#ifndef BIPOLL_TCP_SETTINGS_H
#define BIPOLL_TCP_SETTINGS_H

#include "address.h"

/*
 * Call it before the socket connects or listens: only then can the window grow with the buffers. 0,
 * or a negated errno of the first that failed; -ENOPROTOOPT: this system has no such setting.
 */
int bp_tcp_set(int fd, const struct bp_tcp_options *options);

/* Makes its close a reset. 0 or a negated errno. */
int bp_tcp_reset_on_close(int fd);

#endif
