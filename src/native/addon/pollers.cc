// Waiting: for a few sockets at once, and with pollers for many.
#include "call.h"
#include "deadline.h"
#include "exports.h"
#include "limits.h"
#include "poller.h"

#include <algorithm>
#include <vector>

namespace bipoll {
namespace {

// Pairs of a token and events; on return the second of each says which of them hold.
Napi::Value Poll(const Napi::CallbackInfo &info) {
  const Call call(info);
  const Bytes bytes = call.bytes(0);
  auto *const pairs = reinterpret_cast<double *>(bytes.data);
  const size_t count = std::min(call.integer<size_t>(1), bytes.length / 2);
  std::vector<bp_query> queries(count);
  for (size_t i = 0; i < count; i++) {
    queries[i].socket = static_cast<bp_socket *>(
        bp_slots_get(&call.environment().sockets, static_cast<bp_token>(pairs[2 * i])));
    queries[i].events = static_cast<unsigned>(pairs[2 * i + 1]);
    if (!queries[i].socket) {
      return call.result(-EBADF);
    }
  }
  const bp_interrupt interrupt = call.interrupt(3);
  const int found = bp_poll(queries.data(), count, bp_deadline_after(call.number(2)), &interrupt);
  for (size_t i = 0; i < count; i++) {
    pairs[2 * i + 1] = queries[i].holds;
  }
  return call.result(found);
}

// The same for one socket: returns the events that hold.
Napi::Value PollOne(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_query query{call.socket(0), call.integer<unsigned>(1), 0};
  if (!query.socket) {
    return call.result(-EBADF);
  }
  const bp_interrupt interrupt = call.interrupt(3);
  const int found = bp_poll(&query, 1, bp_deadline_after(call.number(2)), &interrupt);
  return call.result(found < 0 ? found : static_cast<int>(query.holds));
}

Napi::Value OpenPoller(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_poller *poller = nullptr;
  bp_token token = 0;
  int error = bp_poller_open(call.text(0).orNull(), &poller);
  if (!error) {
    error = bp_slots_add(&call.environment().pollers, poller, &token);
    if (error) {
      bp_poller_close(poller);
    }
  }
  return call.result(error ? error : static_cast<double>(token));
}

Napi::Value ClosePoller(const Napi::CallbackInfo &info) {
  const Call call(info);
  if (bp_poller *poller = call.poller(0)) {
    call.environment().closeLoopsOf(poller);
    bp_slots_remove(&call.environment().pollers, call.token(0));
    bp_poller_close(poller);
  }
  return call.env().Undefined();
}

Napi::Value PollerBackend(const Napi::CallbackInfo &info) {
  const Call call(info);
  const bp_poller *poller = call.poller(0);
  return Napi::String::New(call.env(), poller ? bp_poller_backend(poller) : "");
}

Napi::Value PollerWaker(const Napi::CallbackInfo &info) {
  const Call call(info);
  const bp_poller *poller = call.poller(0);
  return call.result(poller ? static_cast<double>(bp_poller_waker(poller)) : 0);
}

Napi::Value Monitor(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_poller *poller = call.poller(0);
  bp_socket *socket = call.socket(1);
  return call.result(
      poller && socket ? bp_poller_monitor(poller, socket, call.integer<unsigned>(2), call.token(1))
                       : -EBADF);
}

Napi::Value Unmonitor(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_poller *poller = call.poller(0);
  bp_socket *socket = call.socket(1);
  return call.result(poller && socket ? bp_poller_unmonitor(poller, socket) : -EBADF);
}

// Writes pairs of a token and events.
Napi::Value Wait(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_poller *poller = call.poller(0);
  const Bytes bytes = call.bytes(2);
  auto *const pairs = reinterpret_cast<double *>(bytes.data);
  bp_occurrence occurrences[maxOccurrences];
  if (!poller || bytes.length < 2) {
    return call.result(-EBADF);
  }
  Signals &signals = call.environment().signals;
  const bp_interrupt interrupt = call.environment().interrupt(true, signals.descriptorOfNews());
  const int count = bp_poller_wait(poller, bp_deadline_after(call.number(1)), &interrupt,
                                   occurrences, std::min(maxOccurrences, bytes.length / 2));
  if (count == -EINTR) {
    // Told once: a script that stays out of the event loop waits for sockets again, not in vain.
    signals.noteTold();
    return call.result(0);
  }
  for (int i = 0; i < count; i++) {
    pairs[2 * i] = static_cast<double>(occurrences[i].tag);
    pairs[2 * i + 1] = occurrences[i].events;
  }
  return call.result(count);
}

Napi::Value NextPollerLook(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_poller *poller = call.poller(0);
  return call.result(poller ? bp_deadline_left_ms(bp_poller_next_look(poller)) : -1);
}

Napi::Value Wake(const Napi::CallbackInfo &info) {
  const Call call(info);
  return Napi::Boolean::New(call.env(), bp_wake(call.integer<uint64_t>(0)));
}

} // namespace

void exportPollers(Napi::Env env, Napi::Object exports, Environment *environment) {
  exportFunction<Poll>(env, exports, "poll", environment);
  exportFunction<PollOne>(env, exports, "pollOne", environment);
  exportFunction<OpenPoller>(env, exports, "openPoller", environment);
  exportFunction<ClosePoller>(env, exports, "closePoller", environment);
  exportFunction<PollerBackend>(env, exports, "pollerBackend", environment);
  exportFunction<PollerWaker>(env, exports, "pollerWaker", environment);
  exportFunction<Monitor>(env, exports, "monitor", environment);
  exportFunction<Unmonitor>(env, exports, "unmonitor", environment);
  exportFunction<Wait>(env, exports, "wait", environment);
  exportFunction<NextPollerLook>(env, exports, "nextPollerLook", environment);
  exportFunction<Wake>(env, exports, "wake", environment);
}

} // namespace bipoll
