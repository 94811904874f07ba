// A descriptor of what is driven nests in libuv's loop: one handle for all sockets.
#include "loop_driver.h"

#include <cerrno>
#include <cstdlib>

#ifndef _WIN32

#include "uv.h"

namespace bipoll {
namespace {

struct UvHandle;

struct Uv {
  size_t (*handle_size)(int type);
  int (*poll_init)(uv_loop_s *loop, UvHandle *handle, int fd);
  int (*poll_start)(UvHandle *handle, int events, void (*)(UvHandle *, int status, int events));
  void (*close)(UvHandle *handle, void (*)(UvHandle *));
  void (*ref)(UvHandle *handle);
  void (*unref)(UvHandle *handle);
  void (*handle_set_data)(UvHandle *handle, void *data);
  void *(*handle_get_data)(const UvHandle *handle);
  bool isComplete;
};

// Of uv_handle_type and uv_poll_event, which libuv keeps stable.
constexpr int uvPoll = 8;
constexpr int uvReadable = 1;

Uv lookUpAll() {
  Uv uv{};
  uv.isComplete = lookUpUv("uv_handle_size", uv.handle_size) &&
                  lookUpUv("uv_poll_init", uv.poll_init) &&
                  lookUpUv("uv_poll_start", uv.poll_start) && lookUpUv("uv_close", uv.close) &&
                  lookUpUv("uv_ref", uv.ref) && lookUpUv("uv_unref", uv.unref) &&
                  lookUpUv("uv_handle_set_data", uv.handle_set_data) &&
                  lookUpUv("uv_handle_get_data", uv.handle_get_data);
  return uv;
}

const Uv uv = lookUpAll();

class UvDriver;

// What outlives the driver: libuv frees a handle only when its loop turns once more, so an
// environment that ends has to wait for that.
struct Watch {
  UvHandle *handle;
  UvDriver *driver; // null: it is being closed
  napi_env env;
  napi_async_context context; // of the calls into JavaScript, of which one may be closing it
  napi_async_cleanup_hook_handle cleanup;
};

void closeWatch(Watch *watch);

class UvDriver final : public LoopDriver {
public:
  UvDriver(Napi::Env env, Driven source, Napi::Function onReady)
      : LoopDriver(source), env_(env), onReady_(Napi::Persistent(onReady)) {
  }

  ~UvDriver() override {
    if (watch_) {
      closeWatch(watch_);
    }
  }

  void setReferenced(bool isReferenced) override {
    if (watch_) {
      (isReferenced ? uv.ref : uv.unref)(watch_->handle);
    }
  }

  // The environment ends, or the driver does.
  void forgetWatch() {
    watch_ = nullptr;
  }

  // 0 or a negated errno, which libuv's errors are on POSIX systems.
  int open(int fd) {
    uv_loop_s *loop = nullptr;
    auto *handle = static_cast<UvHandle *>(std::calloc(1, uv.handle_size(uvPoll)));
    if (!handle) {
      return -ENOMEM;
    }
    const bool hasLoop = napi_get_uv_event_loop(env_, &loop) == napi_ok;
    const int error = hasLoop ? uv.poll_init(loop, handle, fd) : -ENOTSUP;
    if (error) {
      std::free(handle);
      return error == -EPERM ? -ENOTSUP : error; // such a descriptor cannot be watched
    }
    watch_ = new Watch{handle, this, env_, nullptr, nullptr};
    napi_async_init(env_, nullptr, Napi::String::New(env_, "bipoll"), &watch_->context);
    uv.handle_set_data(handle, watch_);
    uv.unref(handle);
    napi_add_async_cleanup_hook(
        env_,
        [](napi_async_cleanup_hook_handle, void *data) { closeWatch(static_cast<Watch *>(data)); },
        watch_, &watch_->cleanup);
    return uv.poll_start(handle, uvReadable, onReadable);
  }

private:
  static void onReadable(UvHandle *handle, int, int) {
    const auto *watch = static_cast<const Watch *>(uv.handle_get_data(handle));
    if (!watch->driver) {
      return;
    }
    const Napi::Env env = watch->driver->env_;
    const Napi::HandleScope scope(env);
    napi_value result = nullptr;
    napi_value error = nullptr;
    // From here on the driver may be gone: the callback can close it.
    if (napi_make_callback(env, watch->context, env.Global(), watch->driver->onReady_.Value(), 0,
                           nullptr, &result) == napi_pending_exception &&
        napi_get_and_clear_last_exception(env, &error) == napi_ok) {
      napi_fatal_exception(env, error);
    }
  }

  Napi::Env env_;
  Napi::FunctionReference onReady_;
  Watch *watch_ = nullptr;
};

void closeWatch(Watch *watch) {
  if (!watch->driver) {
    return;
  }
  watch->driver->forgetWatch();
  watch->driver = nullptr;
  uv.close(watch->handle, [](UvHandle *handle) {
    auto *closed = static_cast<Watch *>(uv.handle_get_data(handle));
    napi_async_destroy(closed->env, closed->context);
    napi_remove_async_cleanup_hook(closed->cleanup); // which Node waits for
    std::free(handle);
    delete closed;
  });
}

} // namespace

int openUvDriver(Napi::Env env, Driven driven, Napi::Function onReady, LoopDriver **out) {
  const int fd = driven.descriptor();
  if (fd < 0 || !uv.isComplete) {
    return -ENOTSUP;
  }
  auto *driver = new UvDriver(env, driven, onReady);
  const int error = driver->open(fd);
  if (error) {
    delete driver;
    return error;
  }
  *out = driver;
  return 0;
}

} // namespace bipoll

#else

namespace bipoll {

// libuv polls nothing but sockets on Windows.
int openUvDriver(Napi::Env, Driven, Napi::Function, LoopDriver **) {
  return -ENOTSUP;
}

} // namespace bipoll

#endif
