// Takes signals while JavaScript stays out of its event loop. libuv handles the signals of the
// process and hands each to every loop that asks for it: so here is another loop of libuv's.
#pragma once

#include "engine.h"

#include <vector>

namespace bipoll {

// Whether the running program has all that it takes.
bool hasSignalLoops(bool hasLibuv);

// The owner calls close() of the queue. -EINVAL: the system lets nobody handle one of the signals;
// -ENOTSUP: see hasSignalLoops.
int openSignalLoop(const std::vector<int> &signals, bp_signal_queue **out);

// The numbers of the signals that came since the last call, in order.
std::vector<int> takeSignals(bp_signal_queue *queue);

} // namespace bipoll
