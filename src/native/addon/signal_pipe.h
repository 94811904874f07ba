// The pipe in which a loop of libuv keeps the signals that came until it calls their handlers.
#pragma once

#include <cstddef>

namespace bipoll {

// Its reading end; -1: none was found.
int findSignalPipe(const void *loop, size_t size);

} // namespace bipoll
