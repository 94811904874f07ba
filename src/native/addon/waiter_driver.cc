// A thread that waits, where there is no loop to nest in: for backends without a descriptor, and
// for programs without libuv. It only finds out that something is ready; all else happens in the
// environment's own thread.
#include "loop_driver.h"

#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace bipoll {
namespace {

// Shared by the thread, the driver, and a call into JavaScript, which may end the driver.
struct Turn {
  std::mutex mutex;
  std::condition_variable changed;
  bool isJavaScripts = false;
  bool isStopping = false;
};

class WaiterDriver final : public LoopDriver {
public:
  WaiterDriver(Napi::Env env, Driven source)
      : LoopDriver(source), env_(env), turn_(std::make_shared<Turn>()) {
  }

  ~WaiterDriver() override {
    if (isHooked_) {
      napi_remove_env_cleanup_hook(env_, stopAtCleanup, this);
    }
    stop();
  }

  // By Node-API's own functions: those of C++ allocate for each call, and never free what is called
  // no more as the environment ends.
  int open(Napi::Function onReady) {
    auto *shared = new std::shared_ptr<Turn>(turn_);
    if (napi_create_threadsafe_function(env_, onReady, nullptr, Napi::String::New(env_, "bipoll"),
                                        1, 1, shared, freeTurn, shared, callJavaScript,
                                        &call_) != napi_ok) {
      delete shared;
      return -ENOMEM;
    }
    napi_unref_threadsafe_function(env_, call_);
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error &error) {
      napi_release_threadsafe_function(call_, napi_tsfn_abort);
      return -error.code().value();
    }
    isHooked_ = napi_add_env_cleanup_hook(env_, stopAtCleanup, this) == napi_ok;
    return 0;
  }

  void setReferenced(bool isReferenced) override {
    (isReferenced ? napi_ref_threadsafe_function : napi_unref_threadsafe_function)(env_, call_);
  }

private:
  static void stopAtCleanup(void *driver) {
    auto *self = static_cast<WaiterDriver *>(driver);
    self->isHooked_ = false; // a hook that runs is removed already; to remove it again aborts Deno
    self->stop();
  }

  void stop() {
    if (!thread_.joinable()) {
      return;
    }
    {
      const std::lock_guard<std::mutex> lock(turn_->mutex);
      turn_->isStopping = true;
    }
    turn_->changed.notify_one();
    driven.wake();
    thread_.join();
    napi_release_threadsafe_function(call_, napi_tsfn_abort);
  }

  void run() {
    for (;;) {
      driven.park();
      std::unique_lock<std::mutex> lock(turn_->mutex);
      if (turn_->isStopping) {
        return;
      }
      turn_->isJavaScripts = true;
      napi_call_threadsafe_function(call_, nullptr, napi_tsfn_nonblocking);
      turn_->changed.wait(lock, [this] { return !turn_->isJavaScripts || turn_->isStopping; });
      if (turn_->isStopping) {
        return;
      }
    }
  }

  static void callJavaScript(napi_env env, napi_value onReady, void *shared, void *) {
    if (env == nullptr || onReady == nullptr) {
      return; // the environment ends, and so does the driver, whose turn this was
    }
    const std::shared_ptr<Turn> turn = *static_cast<std::shared_ptr<Turn> *>(shared);
    napi_value global = nullptr;
    napi_value error = nullptr;
    napi_get_global(env, &global);
    if (napi_call_function(env, global, onReady, 0, nullptr, nullptr) == napi_pending_exception &&
        napi_get_and_clear_last_exception(env, &error) == napi_ok) {
      napi_fatal_exception(env, error);
    }
    {
      const std::lock_guard<std::mutex> lock(turn->mutex);
      turn->isJavaScripts = false;
    }
    turn->changed.notify_one();
  }

  static void freeTurn(napi_env, void *shared, void *) {
    delete static_cast<std::shared_ptr<Turn> *>(shared);
  }

  Napi::Env env_;
  std::shared_ptr<Turn> turn_;
  napi_threadsafe_function call_ = nullptr;
  std::thread thread_;
  bool isHooked_ = false;
};

} // namespace

int openWaiterDriver(Napi::Env env, Driven driven, Napi::Function onReady, LoopDriver **out) {
  auto *driver = new WaiterDriver(env, driven);
  const int error = driver->open(onReady);
  if (error) {
    delete driver;
    return error;
  }
  *out = driver;
  return 0;
}

} // namespace bipoll
