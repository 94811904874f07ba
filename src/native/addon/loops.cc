// What drains a pump, or a poller, in the event loop of JavaScript.
#include "call.h"
#include "exports.h"

#include <cstring>

namespace bipoll {
namespace {

Napi::Value openLoop(const Call &call, Driven driven, Napi::Value onReadyValue) {
  const auto onReady = onReadyValue.As<Napi::Function>();
  const auto open = std::strcmp(call.text(1).c_str(), "uv") == 0 ? openUvDriver : openWaiterDriver;
  LoopDriver *driver = nullptr;
  int error = open(call.env(), driven, onReady, &driver);
  if (error) {
    return call.result(error);
  }
  error = bp_slots_add(&call.environment().loops, driver, &driver->token);
  if (error) {
    delete driver;
    return call.result(error);
  }
  return call.result(static_cast<double>(driver->token));
}

Napi::Value OpenPumpLoop(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_pump *pump = call.pump(0);
  return pump && info[2].IsFunction() ? openLoop(call, Driven(pump), info[2]) : call.result(-EBADF);
}

Napi::Value OpenPollerLoop(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_poller *poller = call.poller(0);
  return poller && info[2].IsFunction() ? openLoop(call, Driven(poller), info[2])
                                        : call.result(-EBADF);
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

} // namespace

void exportLoops(Napi::Env env, Napi::Object exports, Environment *environment) {
  exportFunction<OpenPumpLoop>(env, exports, "openPumpLoop", environment);
  exportFunction<OpenPollerLoop>(env, exports, "openPollerLoop", environment);
  exportFunction<CloseLoop>(env, exports, "closeLoop", environment);
  exportFunction<ReferLoop>(env, exports, "referLoop", environment);
}

} // namespace bipoll
