/* What each system does of reading and writing; what is the same for all is in transfer.c. */
#ifndef BIPOLL_TRANSFER_H
#define BIPOLL_TRANSFER_H

#include "socket.h"

/* Bytes moved, or a negated errno; -EAGAIN: none now. Of a read 0 is the end. */
int64_t bp_transfer_read(struct bp_socket *socket, void *bytes, size_t length, bool peek);
int64_t bp_transfer_write(struct bp_socket *socket, const void *bytes, size_t length);
/* Of at least one piece, at most BP_MAX_PIECES, none of them empty. */
int64_t bp_transfer_writev(struct bp_socket *socket, const struct bp_bytes *pieces, size_t count);
int bp_transfer_end(struct bp_socket *socket);

#endif
