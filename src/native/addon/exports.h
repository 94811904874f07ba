#pragma once

#include "environment.h"

#include <napi.h>

namespace bipoll {

void exportSockets(Napi::Env env, Napi::Object exports, Environment *environment);
void exportMessages(Napi::Env env, Napi::Object exports, Environment *environment);
void exportPollers(Napi::Env env, Napi::Object exports, Environment *environment);
void exportWatches(Napi::Env env, Napi::Object exports, Environment *environment);
void exportPumps(Napi::Env env, Napi::Object exports, Environment *environment);
void exportLookups(Napi::Env env, Napi::Object exports, Environment *environment);
void exportLoops(Napi::Env env, Napi::Object exports, Environment *environment);
void exportSystem(Napi::Env env, Napi::Object exports, Environment *environment);
void exportConstants(Napi::Env env, Napi::Object exports);

void exportCallback(napi_env env, napi_value exports, const char *name, napi_callback callback,
                    Environment *environment);

template <Napi::Value (*function)(const Napi::CallbackInfo &)>
void exportFunction(Napi::Env env, Napi::Object exports, const char *name,
                    Environment *environment) {
  exportCallback(
      env, exports, name,
      [](napi_env caller, napi_callback_info info) -> napi_value {
        const Napi::CallbackInfo arguments(caller, info);
        return function(arguments);
      },
      environment);
}

} // namespace bipoll
