// The arguments of one call from JavaScript, which src/core has checked already. Should they be
// wrong all the same they become zeros and nulls, never a crash: a token of nothing gives -EBADF.
#pragma once

#include "environment.h"
#include "loop_driver.h"
#include "text.h"

#include <napi.h>

#include <cerrno>

namespace bipoll {

struct Bytes {
  uint8_t *data;
  size_t length;
};

class Call {
public:
  explicit Call(const Napi::CallbackInfo &info)
      : info_(info), environment_(static_cast<Environment *>(info.Data())) {
  }

  Napi::Env env() const {
    return info_.Env();
  }
  Environment &environment() const {
    return *environment_;
  }

  double number(size_t index) const {
    double value = 0;
    napi_get_value_double(env(), info_[index], &value);
    return value;
  }
  template <typename Integer> Integer integer(size_t index) const {
    return integerOf<Integer>(info_[index]);
  }
  template <typename Integer> Integer integerOf(napi_value from) const {
    int64_t value = 0;
    napi_get_value_int64(env(), from, &value);
    return static_cast<Integer>(value);
  }
  bool boolean(size_t index) const {
    bool value = false;
    napi_get_value_bool(env(), info_[index], &value);
    return value;
  }
  Text text(size_t index) const {
    return {env(), info_[index]};
  }
  Bytes bytes(size_t index) const {
    return bytesOf(info_[index]);
  }
  Bytes bytesOf(napi_value value) const {
    void *data = nullptr;
    size_t length = 0;
    if (napi_get_typedarray_info(env(), value, nullptr, &length, &data, nullptr, nullptr) !=
            napi_ok ||
        !data) {
      return {nullptr, 0};
    }
    return {static_cast<uint8_t *>(data), length};
  }
  Napi::Array array(size_t index) const {
    return info_[index].IsArray() ? info_[index].As<Napi::Array>() : Napi::Array::New(env());
  }

  bp_token token(size_t index) const {
    return integer<bp_token>(index);
  }
  bp_socket *socket(size_t index) const {
    return static_cast<bp_socket *>(bp_slots_get(&environment_->sockets, token(index)));
  }
  // The descriptors of the sockets that an array of tokens names. -EBADF: one of them is closed.
  int descriptors(size_t index, int (&fds)[BP_MAX_DESCRIPTORS], size_t &count) const {
    const Napi::Array tokens = array(index);
    for (count = 0; count < tokens.Length() && count < BP_MAX_DESCRIPTORS; count++) {
      int64_t token = 0;
      napi_get_value_int64(env(), tokens.Get(static_cast<uint32_t>(count)), &token);
      const auto *sent = static_cast<const bp_socket *>(
          bp_slots_get(&environment_->sockets, static_cast<bp_token>(token)));
      if (!sent) {
        return -EBADF;
      }
      fds[count] = bp_socket_fd(sent);
    }
    return 0;
  }
  bp_poller *poller(size_t index) const {
    return static_cast<bp_poller *>(bp_slots_get(&environment_->pollers, token(index)));
  }
  bp_pump *pump(size_t index) const {
    return static_cast<bp_pump *>(bp_slots_get(&environment_->pumps, token(index)));
  }
  LoopDriver *loop(size_t index) const {
    return static_cast<LoopDriver *>(bp_slots_get(&environment_->loops, token(index)));
  }

  // What ends a wait early: the end of the environment, and signals if that argument says so.
  bp_interrupt interrupt(size_t index) const {
    const bool bySignals = boolean(index);
    return environment_->interrupt(bySignals, bySignals ? environment_->signals.descriptor() : -1);
  }

  Napi::Value result(double value) const {
    return Napi::Number::New(env(), value);
  }
  // The token of a new socket, or the error.
  Napi::Value added(int error, bp_socket *socket) const {
    return result(error ? error : add(socket));
  }
  double add(bp_socket *socket) const {
    bp_token token = 0;
    const int error = bp_slots_add(&environment_->sockets, socket, &token);
    if (error) {
      bp_socket_close(socket);
      return error;
    }
    return static_cast<double>(token);
  }

  // The part of bytes from start to end, within what there really is.
  static Bytes slice(Bytes bytes, double start, double end) {
    const auto length = static_cast<double>(bytes.length);
    if (!(start >= 0 && start <= end && end <= length)) {
      return {nullptr, 0};
    }
    return {bytes.data + static_cast<size_t>(start), static_cast<size_t>(end - start)};
  }

private:
  const Napi::CallbackInfo &info_;
  Environment *environment_;
};

} // namespace bipoll
