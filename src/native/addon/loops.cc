// Pollers that an event loop drains.
#include "call.h"
#include "exports.h"
#include "pump.h"

#include <algorithm>

namespace bipoll {
namespace {

Napi::Value OpenLoop(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_poller *poller = call.poller(0);
  if (!poller || !info[2].IsFunction()) {
    return call.result(-EBADF);
  }
  const auto onReady = info[2].As<Napi::Function>();
  LoopDriver *driver = call.string(1) == "uv" ? openUvDriver(call.env(), poller, onReady)
                                              : openWaiterDriver(call.env(), poller, onReady);
  if (!driver) {
    return call.result(-ENOTSUP);
  }
  const int error = bp_slots_add(&call.environment().loops, driver, &driver->token);
  if (error) {
    delete driver;
    return call.result(error);
  }
  return call.result(static_cast<double>(driver->token));
}

Napi::Value CloseLoop(const Napi::CallbackInfo &info) {
  const Call call(info);
  if (LoopDriver *driver = call.loop(0)) {
    bp_slots_remove(&call.environment().loops, call.token(0));
    delete driver;
  }
  return call.env().Undefined();
}

Napi::Value ReferLoop(const Napi::CallbackInfo &info) {
  const Call call(info);
  if (LoopDriver *driver = call.loop(0)) {
    driver->setReferenced(call.boolean(1));
  }
  return call.env().Undefined();
}

Napi::Value Want(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_poller *poller = call.poller(0);
  bp_socket *socket = call.socket(1);
  return call.result(poller && socket
                         ? bp_pump_want(poller, socket, call.integer<unsigned>(2), call.token(3))
                         : -EBADF);
}

Napi::Value NextLook(const Napi::CallbackInfo &info) {
  const Call call(info);
  const bp_poller *poller = call.poller(0);
  return call.result(poller ? bp_poller_next_look_ms(poller) : -1);
}

// Writes records of four numbers: tag, kind, value and offset. A new connection's value is its
// token.
Napi::Value Drain(const Napi::CallbackInfo &info) {
  constexpr size_t fields = 4;
  constexpr size_t maxRecords = 1024;
  const Call call(info);
  bp_poller *poller = call.poller(0);
  const Bytes numbers = call.bytes(1);
  const Bytes bytes = call.bytes(2);
  auto *const out = reinterpret_cast<double *>(numbers.data);
  bp_record records[maxRecords];
  const double start = call.number(3);
  if (!poller || !(start >= 0 && start <= static_cast<double>(bytes.length))) {
    return call.result(-EBADF);
  }
  const auto offset = static_cast<size_t>(start);
  const bp_batch batch{records, std::min(maxRecords, numbers.length / fields), bytes.data + offset,
                       bytes.length - offset};
  const int count = bp_pump_drain(poller, &batch);
  for (int i = 0; i < count; i++) {
    const bp_record &record = records[i];
    const bool isConnection = record.kind == BP_RECORD_CONNECTION;
    double *const fieldsOut = out + fields * static_cast<size_t>(i);
    fieldsOut[0] = static_cast<double>(record.tag);
    fieldsOut[1] = record.kind;
    fieldsOut[2] = isConnection ? call.add(record.socket) : static_cast<double>(record.value);
    fieldsOut[3] = static_cast<double>(record.offset + offset);
  }
  return call.result(count);
}

} // namespace

void exportLoops(Napi::Env env, Napi::Object exports, Environment *environment) {
  exportFunction<OpenLoop>(env, exports, "openLoop", environment);
  exportFunction<CloseLoop>(env, exports, "closeLoop", environment);
  exportFunction<ReferLoop>(env, exports, "referLoop", environment);
  exportFunction<Want>(env, exports, "want", environment);
  exportFunction<NextLook>(env, exports, "nextLook", environment);
  exportFunction<Drain>(env, exports, "drain", environment);
}

} // namespace bipoll
