// A thread that waits, where there is no loop to nest in: for backends without a descriptor, and
// for programs without libuv. It only finds out that something is ready; all else happens in the
// environment's own thread.
#include "lock.h"
#include "loop_driver.h"

#include <cerrno>

namespace bipoll {
namespace {

// Whose turn it is: the waiting thread's, or JavaScript's. Outlives the driver where a call into
// JavaScript ends that; both owners are in the environment's thread.
class Turn {
public:
  Turn() {
    bp_condition_init(&changed_);
  }
  Turn(const Turn &) = delete;
  Turn &operator=(const Turn &) = delete;

  void share() {
    owners_++;
  }
  void release() {
    if (--owners_ == 0) {
      delete this;
    }
  }

  // Makes the call, and waits until it is over. False: the driver stops.
  bool giveToJavaScript(napi_threadsafe_function call) {
    const Lock lock(mutex_);
    if (!isStopping_) {
      isJavaScripts_ = true;
      napi_call_threadsafe_function(call, nullptr, napi_tsfn_nonblocking);
    }
    while (isJavaScripts_ && !isStopping_) {
      bp_condition_wait(&changed_, &mutex_.native, BP_FOREVER);
    }
    return !isStopping_;
  }
  void giveBack() {
    const Lock lock(mutex_);
    isJavaScripts_ = false;
    bp_condition_signal(&changed_);
  }
  void stop() {
    const Lock lock(mutex_);
    isStopping_ = true;
    bp_condition_signal(&changed_);
  }

private:
  ~Turn() {
    bp_condition_destroy(&changed_);
  }

  int owners_ = 1;
  Mutex mutex_;
  bp_condition changed_;
  bool isJavaScripts_ = false;
  bool isStopping_ = false;
};

class WaiterDriver final : public LoopDriver {
public:
  WaiterDriver(Napi::Env env, Driven source) : LoopDriver(source), env_(env), turn_(new Turn) {
  }

  ~WaiterDriver() override {
    if (isHooked_) {
      napi_remove_env_cleanup_hook(env_, stopAtCleanup, this);
    }
    stop();
    turn_->release();
  }

  // By Node-API's own functions: those of C++ allocate for each call, and never free what is called
  // no more as the environment ends.
  int open(Napi::Function onReady) {
    if (napi_create_threadsafe_function(env_, onReady, nullptr, Napi::String::New(env_, "bipoll"),
                                        1, 1, turn_, releaseTurn, turn_, callJavaScript,
                                        &call_) != napi_ok) {
      return -ENOMEM;
    }
    turn_->share();
    napi_unref_threadsafe_function(env_, call_);
    const int error = bp_thread_open(&thread_, run, this);
    if (error) {
      napi_release_threadsafe_function(call_, napi_tsfn_abort);
      return error;
    }
    isRunning_ = true;
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
    if (!isRunning_) {
      return;
    }
    isRunning_ = false;
    turn_->stop();
    driven.wake();
    bp_thread_join(thread_);
    napi_release_threadsafe_function(call_, napi_tsfn_abort);
  }

  static void run(void *driver) {
    const auto *self = static_cast<WaiterDriver *>(driver);
    do {
      self->driven.park();
    } while (self->turn_->giveToJavaScript(self->call_));
  }

  static void callJavaScript(napi_env env, napi_value onReady, void *argument, void *) {
    if (env == nullptr || onReady == nullptr) {
      return; // the environment ends, and so does the driver, whose turn this was
    }
    auto *turn = static_cast<Turn *>(argument);
    turn->share();
    napi_value global = nullptr;
    napi_value error = nullptr;
    napi_get_global(env, &global);
    if (napi_call_function(env, global, onReady, 0, nullptr, nullptr) == napi_pending_exception &&
        napi_get_and_clear_last_exception(env, &error) == napi_ok) {
      napi_fatal_exception(env, error);
    }
    turn->giveBack();
    turn->release();
  }

  static void releaseTurn(napi_env, void *turn, void *) {
    static_cast<Turn *>(turn)->release();
  }

  Napi::Env env_;
  Turn *turn_;
  napi_threadsafe_function call_ = nullptr;
  bp_thread thread_;
  bool isRunning_ = false;
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
