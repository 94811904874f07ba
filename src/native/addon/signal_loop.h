// Takes signals for JavaScript that stays out of its event loop: a loop of libuv's of its own, as
// libuv handles the signals of the process, and hands each to every loop that asks for it.
#pragma once

#include "engine.h"

#include <vector>

namespace bipoll {

// Whether the running program has all that it takes.
bool hasSignalLoops(bool hasLibuv);

// The owner calls close() of the queue. -EINVAL: the system lets nobody handle one of the signals;
// -ENOTSUP: see hasSignalLoops.
int openSignalLoop(const std::vector<int> &signals, bp_signal_queue **out);

// The numbers of the signals that came since this was asked last, in their order.
std::vector<int> takeSignals(bp_signal_queue *queue);

} // namespace bipoll
