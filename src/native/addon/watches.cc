// Timers, children and signals, which are waited for as sockets are.
#include "call.h"
#include "exports.h"
#include "signal_loop.h"

namespace bipoll {
namespace {

Napi::Value OpenTimer(const Napi::CallbackInfo &info) {
  constexpr double nsPerMs = 1e6;
  constexpr double longestNs = 4e18; // of an interval that fits; 126 years
  const Call call(info);
  const double intervalNs = call.number(1) * nsPerMs;
  bp_socket *timer = nullptr;
  const int error =
      bp_open_timer(bp_deadline_after(call.number(0)),
                    intervalNs < longestNs ? static_cast<int64_t>(intervalNs) : BP_FOREVER, &timer);
  return call.added(error, timer);
}

Napi::Value TakeExpirations(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *timer = call.socket(0);
  return call.result(timer ? static_cast<double>(bp_timer_take(timer)) : -EBADF);
}

Napi::Value WatchChild(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *child = nullptr;
  const int error = bp_watch_child(call.integer<int64_t>(0), &child);
  return call.added(error, child);
}

// Pairs of the code and the signal, of which one counts.
Napi::Value ChildExit(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *child = call.socket(0);
  bp_exit how{-1, 0};
  const int error = child ? bp_child_exit(child, &how) : -EBADF;
  if (error) {
    return call.result(error);
  }
  Napi::Array pair = Napi::Array::New(call.env(), 2);
  pair.Set(0U, Napi::Number::New(call.env(), how.code));
  pair.Set(1U, Napi::Number::New(call.env(), how.signal));
  return pair;
}

Napi::Value OpenSignalSource(const Napi::CallbackInfo &info) {
  const Call call(info);
  const Napi::Array numbers = call.array(0);
  std::vector<int> signals;
  for (uint32_t i = 0; i < numbers.Length(); i++) {
    int32_t number = 0;
    napi_get_value_int32(call.env(), numbers.Get(i), &number);
    signals.push_back(number);
  }
  bp_signal_queue *queue = nullptr;
  bp_socket *source = nullptr;
  int error = hasSignalLoops(call.environment().signals.hasLibuv) ? openSignalLoop(signals, &queue)
                                                                  : -ENOTSUP;
  if (!error) {
    error = bp_open_signal_source(queue, &source);
    if (error) {
      queue->close(queue);
    }
  }
  return call.added(error, source);
}

Napi::Value TakeSignals(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *source = call.socket(0);
  bp_signal_queue *queue = source ? bp_signal_source_queue(source) : nullptr;
  if (!queue) {
    return call.result(source ? -EINVAL : -EBADF);
  }
  Napi::Array numbers = Napi::Array::New(call.env());
  for (const int signal : takeSignals(queue)) {
    numbers.Set(numbers.Length(), Napi::Number::New(call.env(), signal));
  }
  return numbers;
}

} // namespace

void exportWatches(Napi::Env env, Napi::Object exports, Environment *environment) {
  exportFunction<OpenTimer>(env, exports, "openTimer", environment);
  exportFunction<TakeExpirations>(env, exports, "takeExpirations", environment);
  exportFunction<WatchChild>(env, exports, "watchChild", environment);
  exportFunction<ChildExit>(env, exports, "childExit", environment);
  exportFunction<OpenSignalSource>(env, exports, "openSignalSource", environment);
  exportFunction<TakeSignals>(env, exports, "takeSignals", environment);
}

} // namespace bipoll
