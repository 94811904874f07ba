// A call into JavaScript that the runtime makes when it can, for a descriptor that is readable. For
// Deno, whose watching of descriptors differs from that of Node in two ways: from within its
// callback JavaScript cannot be called, and it tells of what becomes readable, not of what still
// is.
#pragma once

#include <napi.h>

namespace bipoll {

class DeferredCall {
public:
  // Null if it cannot be made. It frees itself, some time after it was closed.
  static DeferredCall *open(Napi::Env env, Napi::Function onReadable, int fd);

  void call();
  // No call follows.
  void close();

private:
  explicit DeferredCall(int fd) : fd_(fd) {
  }
  static void callJavaScript(napi_env env, napi_value onReadable, void *self, void *);

  const int fd_;
  bool isClosed_ = false;
  napi_threadsafe_function function_ = nullptr;
};

} // namespace bipoll
