// Names that are looked up without blocking, and without keeping the process alive: in threads of
// the engine's, of which each hands its answer over to JavaScript.
#include "call.h"
#include "exports.h"

#include <memory>
#include <mutex>
#include <vector>

namespace bipoll {
namespace {

// Shared by the thread and the environment: either can be over first.
struct Lookup {
  std::mutex mutex;
  napi_threadsafe_function
      call; // null: it was made, or never will be, as the environment has ended
  bool isHooked;
  int count; // or a negated errno
  std::vector<bp_address> addresses;
};

using Shared = std::shared_ptr<Lookup>;

// Whoever gets it releases it, once.
napi_threadsafe_function takeCall(Lookup &lookup) {
  const std::lock_guard<std::mutex> lock(lookup.mutex);
  napi_threadsafe_function call = lookup.call;
  lookup.call = nullptr;
  return call;
}

void onEnvironmentEnd(void *shared) {
  const Shared lookup = *static_cast<Shared *>(shared);
  lookup->isHooked = false;
  if (napi_threadsafe_function call = takeCall(*lookup)) {
    napi_release_threadsafe_function(call, napi_tsfn_abort);
  }
}

// In the thread.
void onFound(void *argument, const bp_address *addresses, int count) {
  const std::unique_ptr<Shared> shared(static_cast<Shared *>(argument));
  Lookup &lookup = **shared;
  const std::lock_guard<std::mutex> lock(lookup.mutex); // so the environment does not end meanwhile
  if (lookup.call == nullptr) {
    return;
  }
  lookup.count = count;
  if (count > 0) {
    lookup.addresses.assign(addresses, addresses + count);
  }
  napi_call_threadsafe_function(lookup.call, nullptr, napi_tsfn_nonblocking);
  napi_release_threadsafe_function(lookup.call, napi_tsfn_release);
  lookup.call = nullptr;
}

napi_value resultOf(Napi::Env env, const Lookup &lookup) {
  if (lookup.count < 0) {
    return Napi::Number::New(env, lookup.count);
  }
  Napi::Array hosts = Napi::Array::New(env);
  for (const bp_address &address : lookup.addresses) {
    hosts.Set(hosts.Length(), Napi::String::New(env, address.host));
  }
  return hosts;
}

void callJavaScript(napi_env env, napi_value onResult, void *shared, void *) {
  if (env == nullptr || onResult == nullptr) {
    return; // the environment ends
  }
  napi_value result = resultOf(env, **static_cast<Shared *>(shared));
  napi_value global = nullptr;
  napi_value error = nullptr;
  napi_get_global(env, &global);
  if (napi_call_function(env, global, onResult, 1, &result, nullptr) == napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok) {
    napi_fatal_exception(env, error);
  }
}

void onCallClosed(napi_env env, void *shared, void *) {
  const std::unique_ptr<Shared> owned(static_cast<Shared *>(shared));
  if ((*owned)->isHooked) {
    napi_remove_env_cleanup_hook(env, onEnvironmentEnd, shared);
  }
}

int lookUp(napi_env env, const std::string &hostname, int family, napi_value onResult) {
  auto lookup = std::make_shared<Lookup>();
  auto *shared = new Shared(lookup);

  if (napi_create_threadsafe_function(env, onResult, nullptr, Napi::String::New(env, "bipoll"), 1,
                                      1, shared, onCallClosed, shared, callJavaScript,
                                      &lookup->call) != napi_ok) {
    delete shared;
    return -ENOMEM;
  }
  napi_unref_threadsafe_function(env, lookup->call);
  lookup->isHooked = napi_add_env_cleanup_hook(env, onEnvironmentEnd, shared) == napi_ok;
  auto *ofThread = new Shared(lookup);
  const int error = bp_look_up(hostname.c_str(), family, onFound, ofThread);
  if (error) {
    delete ofThread;
    napi_release_threadsafe_function(takeCall(*lookup), napi_tsfn_abort);
  }
  return error;
}

Napi::Value LookUp(const Napi::CallbackInfo &info) {
  const Call call(info);
  return call.result(info[2].IsFunction()
                         ? lookUp(call.env(), call.string(0), call.integer<int>(1), info[2])
                         : -EINVAL);
}

} // namespace

void exportLookups(Napi::Env env, Napi::Object exports, Environment *environment) {
  exportFunction<LookUp>(env, exports, "lookUp", environment);
}

} // namespace bipoll
