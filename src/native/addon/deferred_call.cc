#ifndef _WIN32

#include "deferred_call.h"

#include <poll.h>

namespace bipoll {
namespace {

bool isReadable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return poll(&entry, 1, 0) > 0;
}

} // namespace

DeferredCall *DeferredCall::open(Napi::Env env, Napi::Function onReadable, int fd) {
  auto *self = new DeferredCall(fd);
  if (napi_create_threadsafe_function(
          env, onReadable, nullptr, Napi::String::New(env, "bipoll"), 1, 1, self,
          [](napi_env, void *deferred, void *) { delete static_cast<DeferredCall *>(deferred); },
          self, callJavaScript, &self->function_) != napi_ok) {
    delete self;
    return nullptr;
  }
  napi_unref_threadsafe_function(env, self->function_);
  return self;
}

void DeferredCall::call() {
  napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking);
}

void DeferredCall::close() {
  isClosed_ = true;
  napi_release_threadsafe_function(function_, napi_tsfn_abort);
}

void DeferredCall::callJavaScript(napi_env env, napi_value onReadable, void *deferred, void *) {
  auto *self = static_cast<DeferredCall *>(deferred);
  if (env == nullptr || onReadable == nullptr || self->isClosed_) {
    return;
  }
  napi_value global = nullptr;
  napi_value error = nullptr;
  napi_get_global(env, &global);
  if (napi_call_function(env, global, onReadable, 0, nullptr, nullptr) == napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok) {
    napi_fatal_exception(env, error);
  }
  if (!self->isClosed_ && isReadable(self->fd_)) {
    self->call();
  }
}

} // namespace bipoll

#endif
