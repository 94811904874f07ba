/* Handing an outbox to the system, by calls that do not wait. */
#ifndef BIPOLL_HANDING_OVER_H
#define BIPOLL_HANDING_OVER_H

#include "outbox.h"

/* Hands over what the system takes. Returns how many bytes it took, or a negated errno. */
int64_t bp_hand_over(struct bp_socket *socket, struct bp_outbox *outbox,
                     struct bp_block_pool *blocks);

#endif
