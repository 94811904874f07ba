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

template <Napi::Value (*function)(const Napi::CallbackInfo &)>
void exportFunction(Napi::Env env, Napi::Object exports, const char *name,
                    Environment *environment) {
  exports.Set(name, Napi::Function::New<function>(env, name, environment));
}

} // namespace bipoll
