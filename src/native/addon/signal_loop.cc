#include "signal_loop.h"

#include <cerrno>

#ifndef _WIN32

#include "signal_pipe.h"
#include "uv.h"

#include <cstdlib>
#include <utility>

struct uv_loop_s;

namespace bipoll {
namespace {

struct UvSignal;

struct Uv {
  size_t (*loop_size)();
  size_t (*handle_size)(int type);
  int (*loop_init)(uv_loop_s *loop);
  int (*loop_close)(uv_loop_s *loop);
  int (*run)(uv_loop_s *loop, int mode);
  int (*signal_init)(uv_loop_s *loop, UvSignal *handle);
  int (*signal_start)(UvSignal *handle, void (*)(UvSignal *, int signal), int signal);
  void (*close)(UvSignal *handle, void (*)(UvSignal *));
  void (*handle_set_data)(UvSignal *handle, void *data);
  void *(*handle_get_data)(const UvSignal *handle);
  bool isComplete;
};

// Of uv_handle_type and uv_run_mode, which libuv keeps stable.
constexpr int uvSignal = 16;
constexpr int uvRunDefault = 0;
constexpr int uvRunNoWait = 2;

Uv lookUpAll() {
  Uv uv{};
  uv.isComplete =
      lookUpUv("uv_loop_size", uv.loop_size) && lookUpUv("uv_handle_size", uv.handle_size) &&
      lookUpUv("uv_loop_init", uv.loop_init) && lookUpUv("uv_loop_close", uv.loop_close) &&
      lookUpUv("uv_run", uv.run) && lookUpUv("uv_signal_init", uv.signal_init) &&
      lookUpUv("uv_signal_start", uv.signal_start) && lookUpUv("uv_close", uv.close) &&
      lookUpUv("uv_handle_set_data", uv.handle_set_data) &&
      lookUpUv("uv_handle_get_data", uv.handle_get_data);
  return uv;
}

const Uv uv = lookUpAll();

class SignalLoop : public bp_signal_queue {
public:
  SignalLoop() : bp_signal_queue{-1, closeQueue} {
  }
  SignalLoop(const SignalLoop &) = delete;
  SignalLoop &operator=(const SignalLoop &) = delete;

  // Waits for nothing: what came for a handle is in the pipe already.
  ~SignalLoop() {
    for (UvSignal *handle : handles_) {
      uv.close(handle, [](UvSignal *closed) { std::free(closed); });
    }
    if (isOpen_) {
      uv.run(loop_, uvRunDefault);
      uv.loop_close(loop_);
    }
    std::free(loop_);
  }

  int open(const std::vector<int> &signals) {
    loop_ = static_cast<uv_loop_s *>(std::calloc(1, uv.loop_size()));
    int error = loop_ ? uv.loop_init(loop_) : -ENOMEM;
    isOpen_ = error == 0;
    for (size_t i = 0; i < signals.size() && error == 0; i++) {
      error = watch(signals[i]);
    }
    if (error == 0) {
      fd = findSignalPipe(loop_, uv.loop_size());
    }
    return error == 0 && fd < 0 ? -ENOTSUP : error;
  }

  std::vector<int> take() {
    uv.run(loop_, uvRunNoWait);
    return std::exchange(taken_, {});
  }

private:
  static void closeQueue(bp_signal_queue *queue) {
    delete static_cast<SignalLoop *>(queue);
  }

  static void onSignal(UvSignal *handle, int signal) {
    static_cast<SignalLoop *>(uv.handle_get_data(handle))->taken_.push_back(signal);
  }

  int watch(int signal) {
    auto *handle = static_cast<UvSignal *>(std::calloc(1, uv.handle_size(uvSignal)));
    const int error = handle ? uv.signal_init(loop_, handle) : -ENOMEM;
    if (error) {
      std::free(handle);
      return error;
    }
    handles_.push_back(handle);
    uv.handle_set_data(handle, this);
    return uv.signal_start(handle, onSignal, signal);
  }

  uv_loop_s *loop_ = nullptr;
  bool isOpen_ = false;
  std::vector<UvSignal *> handles_;
  std::vector<int> taken_;
};

} // namespace

bool hasSignalLoops(bool hasLibuv) {
  return hasLibuv && uv.isComplete;
}

int openSignalLoop(const std::vector<int> &signals, bp_signal_queue **out) {
  auto *loop = new SignalLoop;
  const int error = loop->open(signals);
  if (error) {
    delete loop;
    return error;
  }
  *out = loop;
  return 0;
}

std::vector<int> takeSignals(bp_signal_queue *queue) {
  return static_cast<SignalLoop *>(queue)->take();
}

} // namespace bipoll

#else

namespace bipoll {

// A loop of libuv tells of signals by a completion there, which no other wait can watch for.
bool hasSignalLoops(bool) {
  return false;
}

int openSignalLoop(const std::vector<int> &, bp_signal_queue **) {
  return -ENOTSUP;
}

std::vector<int> takeSignals(bp_signal_queue *) {
  return {};
}

} // namespace bipoll

#endif
