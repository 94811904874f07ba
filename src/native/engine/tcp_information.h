/* What a system tells of a TCP connection: tcp_information.c of posix/ or windows/. */
#ifndef BIPOLL_TCP_INFORMATION_H
#define BIPOLL_TCP_INFORMATION_H

#include "engine.h"

/* Fills in what it tells, and leaves the rest. 0 or a negated errno. */
int bp_tcp_ask(int fd, struct bp_tcp_information *out);

#endif
