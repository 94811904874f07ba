// Names that are looked up without blocking, and without keeping the process alive: in threads of
// the engine's, of which each hands its answer over to JavaScript.
#include "call.h"
#include "exports.h"
#include "lock.h"

#include <atomic>
#include <memory>
#include <vector>

namespace bipoll {
namespace {

// Shared by the thread and the environment: either can be over first, and the last one deletes it.
struct Lookup {
  std::atomic<int> owners{1};
  Mutex mutex;
  // Null: it was made, or never will be, as the environment has ended.
  napi_threadsafe_function call = nullptr;
  bool isHooked = false;
  int count = 0; // or a negated errno
  std::vector<bp_address> addresses;
};

struct Release {
  void operator()(Lookup *lookup) const {
    if (lookup->owners.fetch_sub(1) == 1) {
      delete lookup;
    }
  }
};

// One owner's share, given up at the end of its scope.
using Share = std::unique_ptr<Lookup, Release>;

// Whoever gets it releases it, once.
napi_threadsafe_function takeCall(Lookup &lookup) {
  const Lock lock(lookup.mutex);
  napi_threadsafe_function call = lookup.call;
  lookup.call = nullptr;
  return call;
}

void onEnvironmentEnd(void *argument) {
  auto *lookup = static_cast<Lookup *>(argument);
  lookup->isHooked = false;
  if (napi_threadsafe_function call = takeCall(*lookup)) {
    napi_release_threadsafe_function(call, napi_tsfn_abort);
  }
}

// In the thread.
void onFound(void *argument, const bp_address *addresses, int count) {
  const Share share(static_cast<Lookup *>(argument));
  Lookup &lookup = *share;
  const Lock lock(lookup.mutex); // so the environment does not end meanwhile
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
    hosts.Set(hosts.Length(), textValue(env, address.host));
  }
  return hosts;
}

void callJavaScript(napi_env env, napi_value onResult, void *lookup, void *) {
  if (env == nullptr || onResult == nullptr) {
    return; // the environment ends
  }
  napi_value result = resultOf(env, *static_cast<Lookup *>(lookup));
  napi_value global = nullptr;
  napi_value error = nullptr;
  napi_get_global(env, &global);
  if (napi_call_function(env, global, onResult, 1, &result, nullptr) == napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok) {
    napi_fatal_exception(env, error);
  }
}

void onCallClosed(napi_env env, void *argument, void *) {
  const Share share(static_cast<Lookup *>(argument));
  if (share->isHooked) {
    napi_remove_env_cleanup_hook(env, onEnvironmentEnd, share.get());
  }
}

int lookUp(napi_env env, const char *hostname, int family, napi_value onResult) {
  Share ofEnvironment(new Lookup);
  Lookup *lookup = ofEnvironment.get();
  if (napi_create_threadsafe_function(env, onResult, nullptr, Napi::String::New(env, "bipoll"), 1,
                                      1, lookup, onCallClosed, lookup, callJavaScript,
                                      &lookup->call) != napi_ok) {
    return -ENOMEM;
  }
  ofEnvironment.release(); // to onCallClosed
  napi_unref_threadsafe_function(env, lookup->call);
  lookup->isHooked = napi_add_env_cleanup_hook(env, onEnvironmentEnd, lookup) == napi_ok;
  lookup->owners.fetch_add(1); // onFound
  const int error = bp_look_up(hostname, family, onFound, lookup);
  if (error) {
    const Share ofThread(lookup);
    napi_release_threadsafe_function(takeCall(*lookup), napi_tsfn_abort);
  }
  return error;
}

Napi::Value LookUp(const Napi::CallbackInfo &info) {
  const Call call(info);
  return call.result(info[2].IsFunction()
                         ? lookUp(call.env(), call.text(0).c_str(), call.integer<int>(1), info[2])
                         : -EINVAL);
}

} // namespace

void exportLookups(Napi::Env env, Napi::Object exports, Environment *environment) {
  exportFunction<LookUp>(env, exports, "lookUp", environment);
}

} // namespace bipoll
