/* The parts of TCP that differ between systems: tcp.c of posix/ or windows/. */
#ifndef BIPOLL_TCP_H
#define BIPOLL_TCP_H

#include "address.h"

/* Sets who else may bind the port of a server. 0 or a negated errno. */
int bp_tcp_share_port(int fd, const struct bp_listen_tcp_options *options);

/* Lets a client bind a port that an earlier connection still waits on. */
void bp_tcp_reuse_local_port(int fd);

/* Begins to connect. 0: it is connected already; -EINPROGRESS; or why connecting failed. */
int bp_tcp_connect(int fd, const union bp_ip_address *peer);

#endif
