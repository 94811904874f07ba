// A thread that waits, where there is no loop to nest in: for backends without a descriptor, and
// for programs without libuv. It only finds out that something is ready; all else happens in the
// environment's own thread.
#include "loop_driver.h"
#include "pump.h"

#include <condition_variable>
#include <memory>
#include <mutex>
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
  WaiterDriver(Napi::Env env, bp_poller *driven, Napi::Function onReady)
      : LoopDriver(driven), env_(env), turn_(std::make_shared<Turn>()),
        call_(Napi::ThreadSafeFunction::New(env, onReady, "bipoll", 1, 1)) {
    call_.Unref(env);
    napi_add_env_cleanup_hook(env, stopAtCleanup, this);
    thread_ = std::thread([this] { run(); });
  }

  ~WaiterDriver() override {
    if (isHooked_) {
      napi_remove_env_cleanup_hook(env_, stopAtCleanup, this);
    }
    stop();
  }

  void setReferenced(bool isReferenced) override {
    isReferenced ? call_.Ref(env_) : call_.Unref(env_);
  }

private:
  static void stopAtCleanup(void *driver) {
    auto *self = static_cast<WaiterDriver *>(driver);
    self->isHooked_ = false; // it is taken out by being called, and Deno ends at a second time
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
    bp_wake(bp_poller_waker(poller));
    thread_.join();
    call_.Abort();
  }

  void run() {
    for (;;) {
      bp_poller_park(poller);
      std::unique_lock<std::mutex> lock(turn_->mutex);
      if (turn_->isStopping) {
        return;
      }
      turn_->isJavaScripts = true;
      call_.NonBlockingCall(&turn_, callJavaScript);
      turn_->changed.wait(lock, [this] { return !turn_->isJavaScripts || turn_->isStopping; });
      if (turn_->isStopping) {
        return;
      }
    }
  }

  static void callJavaScript(Napi::Env env, Napi::Function onReady, std::shared_ptr<Turn> *shared) {
    if (env == nullptr) {
      return; // it ends, and so does the driver, whose turn this was
    }
    const std::shared_ptr<Turn> turn = *shared;
    napi_value error = nullptr;
    // Not by Call(), which ends the process if the environment is about to end and runs no
    // JavaScript.
    if (napi_call_function(env, env.Undefined(), onReady, 0, nullptr, nullptr) ==
            napi_pending_exception &&
        napi_get_and_clear_last_exception(env, &error) == napi_ok) {
      napi_fatal_exception(env, error);
    }
    {
      const std::lock_guard<std::mutex> lock(turn->mutex);
      turn->isJavaScripts = false;
    }
    turn->changed.notify_one();
  }

  Napi::Env env_;
  std::shared_ptr<Turn> turn_;
  Napi::ThreadSafeFunction call_;
  std::thread thread_;
  bool isHooked_ = true;
};

} // namespace

LoopDriver *openWaiterDriver(Napi::Env env, bp_poller *poller, Napi::Function onReady) {
  return new WaiterDriver(env, poller, onReady);
}

} // namespace bipoll
