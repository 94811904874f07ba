// Pumps: what is wanted of sockets, and what is sent through them, in batches.
#include "call.h"
#include "exports.h"

#include <algorithm>

namespace bipoll {
namespace {

constexpr size_t recordFields = 4;
constexpr size_t pieceFields = 3;
constexpr size_t maxRecords = 1024;

Napi::Value OpenPump(const Napi::CallbackInfo &info) {
  const Call call(info);
  const std::string backend = call.string(0);
  bp_pump *pump = nullptr;
  bp_token token = 0;
  int error = bp_pump_open(backend.empty() ? nullptr : backend.c_str(), &pump);
  if (!error) {
    error = bp_slots_add(&call.environment().pumps, pump, &token);
    if (error) {
      pump->ops->close(pump);
    }
  }
  return call.result(error ? error : static_cast<double>(token));
}

Napi::Value ClosePump(const Napi::CallbackInfo &info) {
  const Call call(info);
  if (bp_pump *pump = call.pump(0)) {
    call.environment().closeLoopsOf(pump);
    bp_slots_remove(&call.environment().pumps, call.token(0));
    pump->ops->close(pump);
  }
  return call.env().Undefined();
}

Napi::Value Want(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = call.pump(0);
  bp_socket *socket = call.socket(1);
  return call.result(pump && socket
                         ? pump->ops->want(pump, socket, call.integer<unsigned>(2), call.token(3))
                         : -EBADF);
}

// Whether an earlier piece of the same socket has failed: the bytes that follow those must not be
// sent either.
bool hasFailedBefore(const double *pieces, size_t count, double socket) {
  for (size_t i = 0; i < count; i++) {
    if (pieces[pieceFields * i] == socket && pieces[pieceFields * i + 2] < 0) {
      return true;
    }
  }
  return false;
}

// Pieces of three numbers, socket, tag and length, whose bytes lie one behind the other. One that
// fails has its length negated.
Napi::Value Stage(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = call.pump(0);
  const Bytes numbers = call.bytes(1);
  const Bytes bytes = call.bytes(3);
  auto *const pieces = reinterpret_cast<double *>(numbers.data);
  const size_t count = std::min(call.integer<size_t>(2), numbers.length / pieceFields);
  double start = 0;
  int failed = 0;
  if (!pump) {
    return call.result(-EBADF);
  }
  for (size_t i = 0; i < count; i++) {
    double *const piece = pieces + pieceFields * i;
    const Bytes slice = Call::slice(bytes, start, start + piece[2]);
    auto *const socket = static_cast<bp_socket *>(
        bp_slots_get(&call.environment().sockets, static_cast<bp_token>(piece[0])));
    start += piece[2];
    /* One that was closed since has lost what was sent through it. */
    if (socket && ((failed && hasFailedBefore(pieces, i, piece[0])) ||
                   pump->ops->send(pump, socket, slice.data, slice.length,
                                   static_cast<uint64_t>(piece[1])))) {
      piece[2] = -piece[2];
      failed++;
    }
  }
  return call.result(failed);
}

Napi::Value Send(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = call.pump(0);
  bp_socket *socket = call.socket(1);
  const Bytes bytes = call.bytes(3);
  return call.result(pump && socket ? static_cast<double>(pump->ops->send_at_once(
                                          pump, socket, bytes.data, bytes.length, call.token(2)))
                                    : -EBADF);
}

Napi::Value End(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = call.pump(0);
  bp_socket *socket = call.socket(1);
  return call.result(pump && socket ? pump->ops->end(pump, socket, call.number(3), call.token(2))
                                    : -EBADF);
}

Napi::Value QueuedBytes(const Napi::CallbackInfo &info) {
  const Call call(info);
  const bp_pump *pump = call.pump(0);
  const bp_socket *socket = call.socket(1);
  return call.result(pump && socket ? static_cast<double>(pump->ops->queued_bytes(pump, socket))
                                    : 0);
}

Napi::Value Leave(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = call.pump(0);
  bp_socket *socket = call.socket(1);
  return call.result(pump && socket ? static_cast<double>(pump->ops->leave(pump, socket)) : 0);
}

// Writes records of four numbers: tag, kind, value and offset. A new connection's value is its
// token.
int tell(const Call &call, double *out, const bp_record *records, int count, size_t offset) {
  for (int i = 0; i < count; i++) {
    const bp_record &record = records[i];
    const bool isConnection = record.kind == BP_RECORD_CONNECTION;
    double *const fields = out + recordFields * static_cast<size_t>(i);
    fields[0] = static_cast<double>(record.tag);
    fields[1] = record.kind;
    fields[2] = isConnection ? call.add(record.socket) : static_cast<double>(record.value);
    fields[3] = static_cast<double>(record.offset + offset);
  }
  return count;
}

Napi::Value Flush(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = call.pump(0);
  const Bytes numbers = call.bytes(1);
  bp_record records[maxRecords];
  const bp_batch batch{records, std::min(maxRecords, numbers.length / recordFields), nullptr, 0};
  if (!pump || batch.record_capacity < BP_RECORDS_PER_SOCKET) {
    return call.result(-EBADF);
  }
  const int count = pump->ops->flush(pump, &batch);
  return call.result(tell(call, reinterpret_cast<double *>(numbers.data), records, count, 0));
}

Napi::Value Drain(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = call.pump(0);
  const Bytes numbers = call.bytes(1);
  const Bytes bytes = call.bytes(2);
  bp_record records[maxRecords];
  const double start = call.number(3);
  const size_t capacity = std::min(maxRecords, numbers.length / recordFields);
  if (!pump || capacity < BP_RECORDS_PER_SOCKET ||
      !(start >= 0 && start <= static_cast<double>(bytes.length))) {
    return call.result(-EBADF);
  }
  const auto offset = static_cast<size_t>(start);
  const bp_batch batch{records, capacity, bytes.data + offset, bytes.length - offset};
  const int count = pump->ops->drain(pump, &batch);
  return call.result(tell(call, reinterpret_cast<double *>(numbers.data), records, count, offset));
}

Napi::Value NextLook(const Napi::CallbackInfo &info) {
  const Call call(info);
  const bp_pump *pump = call.pump(0);
  return call.result(pump ? pump->ops->next_look_ms(pump) : -1);
}

} // namespace

void exportPumps(Napi::Env env, Napi::Object exports, Environment *environment) {
  exportFunction<OpenPump>(env, exports, "openPump", environment);
  exportFunction<ClosePump>(env, exports, "closePump", environment);
  exportFunction<Want>(env, exports, "want", environment);
  exportFunction<Stage>(env, exports, "stage", environment);
  exportFunction<Send>(env, exports, "send", environment);
  exportFunction<End>(env, exports, "end", environment);
  exportFunction<QueuedBytes>(env, exports, "queuedBytes", environment);
  exportFunction<Leave>(env, exports, "leave", environment);
  exportFunction<Flush>(env, exports, "flush", environment);
  exportFunction<Drain>(env, exports, "drain", environment);
  exportFunction<NextLook>(env, exports, "nextLook", environment);
}

} // namespace bipoll
