// What JavaScript and the addon agree on, beside the engine's own numbers: see constants.cc.
#pragma once

#include <cstddef>

namespace bipoll {

constexpr size_t recordFields = 4;      // tag, kind, value, offset
constexpr size_t pieceFields = 3;       // socket, tag, length
constexpr size_t messageFields = 4;     // length, whether it is cut, dropped, sender
constexpr size_t outgoingFields = 2;    // length, receiver
constexpr size_t maxRecords = 512;      // of one batch
constexpr size_t maxOccurrences = 1024; // of one wait

} // namespace bipoll
