#include "exports.h"

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  auto *environment = new bipoll::Environment(env);
  env.SetInstanceData(environment); // deletes it when the environment ends
  bipoll::exportSockets(env, exports, environment);
  bipoll::exportMessages(env, exports, environment);
  bipoll::exportPollers(env, exports, environment);
  bipoll::exportWatches(env, exports, environment);
  bipoll::exportPumps(env, exports, environment);
  bipoll::exportLoops(env, exports, environment);
  bipoll::exportLookups(env, exports, environment);
  bipoll::exportSystem(env, exports, environment);
  bipoll::exportConstants(env, exports);
  return exports;
}

} // namespace

NODE_API_MODULE(bipoll, initialize)
