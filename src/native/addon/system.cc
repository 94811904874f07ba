// What the system is and says: backends, errors, addresses and names.
#include "call.h"
#include "exports.h"
#include "pump_list.h"
#include "signal_loop.h"

namespace bipoll {
namespace {

Napi::Value Begin(const Napi::CallbackInfo &info) {
  const Call call(info);
  call.environment().isWorker = call.boolean(0);
  call.environment().signals.hasLibuv = call.boolean(1);
  return call.env().Undefined();
}

Napi::Value Backends(const Napi::CallbackInfo &info) {
  Napi::Array names = Napi::Array::New(info.Env());
  for (const char *const *name = bp_backends(); *name; name++) {
    names.Set(names.Length(), textValue(info.Env(), *name));
  }
  return names;
}

Napi::Value NamedPumps(const Napi::CallbackInfo &info) {
  Napi::Array names = Napi::Array::New(info.Env());
  for (const bp_pump_ops *const *pump = bp_pump_list; *pump; pump++) {
    names.Set(names.Length(), textValue(info.Env(), (*pump)->name));
  }
  return names;
}

Napi::Value Features(const Napi::CallbackInfo &info) {
  constexpr struct {
    const char *name;
    unsigned bit;
  } named[] = {{"abstractNames", BP_FEATURE_ABSTRACT_NAMES},
               {"children", BP_FEATURE_CHILDREN},
               {"descriptorPassing", BP_FEATURE_DESCRIPTOR_PASSING},
               {"dropCounts", BP_FEATURE_DROP_COUNTS},
               {"interface", BP_FEATURE_TCP_INTERFACE},
               {"linger", BP_FEATURE_TCP_LINGER},
               {"localDatagrams", BP_FEATURE_LOCAL_DATAGRAMS},
               {"localHalfClose", BP_FEATURE_LOCAL_HALF_CLOSE},
               {"localPackets", BP_FEATURE_LOCAL_PACKETS},
               {"peerCredentials", BP_FEATURE_PEER_CREDENTIALS},
               {"typeOfService", BP_FEATURE_TYPE_OF_SERVICE},
               {"userTimeout", BP_FEATURE_USER_TIMEOUT}};
  const unsigned features = bp_features();
  Napi::Object result = Napi::Object::New(info.Env());
  for (const auto &[name, bit] : named) {
    result.Set(name, Napi::Boolean::New(info.Env(), features & bit));
  }
  const bool hasLibuv = Call(info).environment().signals.hasLibuv;
  result.Set("signals", Napi::Boolean::New(info.Env(), hasSignalLoops(hasLibuv)));
  return result;
}

Napi::Value ErrorName(const Napi::CallbackInfo &info) {
  const Call call(info);
  return Napi::String::New(call.env(), bp_error_name(call.integer<int>(0)));
}

Napi::Value ErrorMessage(const Napi::CallbackInfo &info) {
  const Call call(info);
  char text[128];
  return Napi::String::New(call.env(), bp_error_message(call.integer<int>(0), text, sizeof text));
}

Napi::Value AddressFamily(const Napi::CallbackInfo &info) {
  const Call call(info);
  return call.result(bp_address_family(call.text(0).c_str()));
}

Napi::Value Resolve(const Napi::CallbackInfo &info) {
  constexpr size_t capacity = 32;
  const Call call(info);
  bp_address found[capacity];
  const bp_interrupt interrupt = call.interrupt(3);
  const int count = bp_resolve(call.text(0).c_str(), call.integer<int>(1),
                               bp_deadline_after(call.number(2)), &interrupt, found, capacity);
  if (count < 0) {
    return call.result(count);
  }
  Napi::Array hosts = Napi::Array::New(call.env());
  for (uint32_t i = 0; i < static_cast<uint32_t>(count); i++) {
    hosts.Set(i, textValue(call.env(), found[i].host));
  }
  return hosts;
}

} // namespace

void exportSystem(Napi::Env env, Napi::Object exports, Environment *environment) {
  exportFunction<Begin>(env, exports, "begin", environment);
  exportFunction<Backends>(env, exports, "backends", environment);
  exportFunction<NamedPumps>(env, exports, "namedPumps", environment);
  exportFunction<Features>(env, exports, "features", environment);
  exportFunction<ErrorName>(env, exports, "errorName", environment);
  exportFunction<ErrorMessage>(env, exports, "errorMessage", environment);
  exportFunction<AddressFamily>(env, exports, "addressFamily", environment);
  exportFunction<Resolve>(env, exports, "resolve", environment);
}

} // namespace bipoll
