// Descriptors that a peer has sent.
#pragma once

#include "engine.h"

namespace bipoll {

// Makes a socket of the kind that the system says it is. On an error the descriptor is closed,
// since nobody else knows of it.
int adoptReceived(int fd, bp_socket **out);

} // namespace bipoll
