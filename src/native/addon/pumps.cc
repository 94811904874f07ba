// Pumps: what is wanted of sockets, and what is sent through them, in batches.
#include "call.h"
#include "exports.h"
#include "limits.h"
#include "received.h"

#include <algorithm>

namespace bipoll {
namespace {

Napi::Value OpenPump(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = nullptr;
  bp_token token = 0;
  int error = bp_pump_open(call.text(0).orNull(), &pump);
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

// Pieces of three numbers, socket, tag and length, whose bytes lie one behind the other.
class Pieces {
public:
  struct Piece {
    bp_socket *socket; // null: it was closed since
    uint64_t tag;
    Bytes bytes;
  };

  // From two arguments on: the numbers and how many pieces they are, then the bytes.
  Pieces(const Call &call, size_t first)
      : call_(call), numbers_(call.bytes(first)), bytes_(call.bytes(first + 2)),
        count_(std::min(call.integer<size_t>(first + 1), numbers_.length / pieceFields)) {
  }

  size_t count() const {
    return count_;
  }

  // In order, each once.
  Piece next() {
    double *const fields = fieldsOf(next_++);
    const Bytes bytes = Call::slice(bytes_, start_, start_ + fields[2]);
    start_ += fields[2];
    void *const socket =
        bp_slots_get(&call_.environment().sockets, static_cast<bp_token>(fields[0]));
    return {static_cast<bp_socket *>(socket), static_cast<uint64_t>(fields[1]), bytes};
  }

  // Whether an earlier piece of the same socket has failed: then this one must not be sent either,
  // or it would leave a gap.
  bool hasFailedBefore() const {
    const double socket = fieldsOf(next_ - 1)[0];
    for (size_t i = 0; i + 1 < next_; i++) {
      if (fieldsOf(i)[0] == socket && fieldsOf(i)[2] < 0) {
        return true;
      }
    }
    return false;
  }

  // Negates the length of the last piece.
  void fail() {
    fieldsOf(next_ - 1)[2] *= -1;
  }

private:
  double *fieldsOf(size_t index) const {
    return reinterpret_cast<double *>(numbers_.data) + pieceFields * index;
  }

  const Call &call_;
  const Bytes numbers_;
  const Bytes bytes_;
  const size_t count_;
  size_t next_ = 0;
  double start_ = 0;
};

Napi::Value Stage(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = call.pump(0);
  Pieces pieces(call, 1);
  int failed = 0;
  if (!pump) {
    return call.result(-EBADF);
  }
  for (size_t i = 0; i < pieces.count(); i++) {
    const Pieces::Piece piece = pieces.next();
    if (piece.socket &&
        ((failed && pieces.hasFailedBefore()) ||
         pump->ops->send(pump, piece.socket, piece.bytes.data, piece.bytes.length, piece.tag))) {
      pieces.fail();
      failed++;
    }
  }
  return call.result(failed);
}

// Writes records of what was taken, and of what failed.
Napi::Value SendPieces(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = call.pump(0);
  Pieces pieces(call, 1);
  const Bytes records = call.bytes(4);
  auto *out = reinterpret_cast<double *>(records.data);
  int told = 0;
  if (!pump || records.length / recordFields < pieces.count()) {
    return call.result(-EBADF);
  }
  for (size_t i = 0; i < pieces.count(); i++) {
    const Pieces::Piece piece = pieces.next();
    const int64_t taken = piece.socket
                              ? pump->ops->send_at_once(pump, piece.socket, piece.bytes.data,
                                                        piece.bytes.length, piece.tag)
                              : 0;
    if (taken != 0) {
      out[0] = static_cast<double>(piece.tag);
      out[1] = taken > 0 ? BP_RECORD_SENT : BP_RECORD_SEND_FAILED;
      out[2] = static_cast<double>(taken);
      out[3] = 0;
      out += recordFields;
      told++;
    }
  }
  return call.result(told);
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

Napi::Value SendWithDescriptors(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = call.pump(0);
  bp_socket *socket = call.socket(1);
  const Bytes bytes = call.bytes(3);
  int fds[BP_MAX_DESCRIPTORS];
  size_t count = 0;
  const int error = pump && socket ? call.descriptors(4, fds, count) : -EBADF;
  return call.result(error
                         ? error
                         : static_cast<double>(pump->ops->send_descriptors(
                               pump, socket, bytes.data, bytes.length, fds, count, call.token(2))));
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

// Writes the value of a received descriptor's record: the token of the socket that it becomes, or
// why it became none; and its offset: the kind of the socket.
void tellDescriptor(const Call &call, const bp_record &record, double *fields) {
  bp_socket *socket = nullptr;
  const int error = adoptReceived(static_cast<int>(record.value), &socket);
  fields[3] = error ? 0 : bp_socket_kind(socket);
  fields[2] = error ? error : call.add(socket);
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
    if (record.kind == BP_RECORD_DESCRIPTOR) {
      tellDescriptor(call, record, fields);
      continue;
    }
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
  if (!pump || capacity < BP_RECORDS_PER_SOCKET + BP_MAX_DESCRIPTORS ||
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
  bp_pump *pump = call.pump(0);
  return call.result(pump ? pump->ops->next_look_ms(pump) : -1);
}

} // namespace

void exportPumps(Napi::Env env, Napi::Object exports, Environment *environment) {
  exportFunction<OpenPump>(env, exports, "openPump", environment);
  exportFunction<ClosePump>(env, exports, "closePump", environment);
  exportFunction<Want>(env, exports, "want", environment);
  exportFunction<Stage>(env, exports, "stage", environment);
  exportFunction<SendPieces>(env, exports, "sendPieces", environment);
  exportFunction<Send>(env, exports, "send", environment);
  exportFunction<SendWithDescriptors>(env, exports, "sendWithDescriptors", environment);
  exportFunction<End>(env, exports, "end", environment);
  exportFunction<QueuedBytes>(env, exports, "queuedBytes", environment);
  exportFunction<Leave>(env, exports, "leave", environment);
  exportFunction<Flush>(env, exports, "flush", environment);
  exportFunction<Drain>(env, exports, "drain", environment);
  exportFunction<NextLook>(env, exports, "nextLook", environment);
}

} // namespace bipoll
