/* What can be set of a TCP socket, in its system's own way: tcp_settings.c of posix/ or windows/.
 */
#ifndef BIPOLL_TCP_SETTINGS_H
#define BIPOLL_TCP_SETTINGS_H

#include "address.h"

/*
 * Before it connects or listens, or the window cannot grow with the buffers. 0, or a negated errno
 * of the first that failed; -ENOPROTOOPT: this system has no such setting.
 */
int bp_tcp_set(int fd, const struct bp_tcp_options *options);

/* Makes a reset of its close. 0 or a negated errno. */
int bp_tcp_reset_on_close(int fd);

#endif
