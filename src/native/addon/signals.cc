#include "signals.h"

#ifndef _WIN32

#include "signal_pipe.h"
#include "uv.h"

#include <sys/ioctl.h>

namespace bipoll {
namespace {

using MetricsInfo = int (*)(uv_loop_s *, void *);

MetricsInfo lookUpMetricsInfo() {
  MetricsInfo found = nullptr;
  lookUpUv("uv_metrics_info", found);
  return found;
}

const MetricsInfo metricsInfo = lookUpMetricsInfo();

} // namespace

int Signals::descriptor() {
  if (search_ == Search::over) {
    return fd_;
  }
  search_ = Search::over;
  size_t (*loopSize)() = nullptr;
  uv_loop_s *loop = nullptr;
  if (hasLibuv && lookUpUv("uv_loop_size", loopSize) &&
      napi_get_uv_event_loop(env_, &loop) == napi_ok) {
    fd_ = findSignalPipe(loop, loopSize());
  }
  return fd_;
}

// How often the loop has polled; 0 where libuv does not count that yet (before 1.45).
uint64_t Signals::turns() const {
  struct {
    uint64_t loopCount;
    uint64_t others[15];
  } metrics{};
  uv_loop_s *loop = nullptr;
  if (metricsInfo && napi_get_uv_event_loop(env_, &loop) == napi_ok) {
    metricsInfo(loop, &metrics);
  }
  return metrics.loopCount;
}

int Signals::pendingBytes() const {
  int count = 0;
  ioctl(fd_, FIONREAD, &count);
  return count;
}

int Signals::descriptorOfNews() {
  const int fd = descriptor();
  if (isTold_ && turns() == turnsWhenTold_ && pendingBytes() == bytesWhenTold_) {
    return -1;
  }
  isTold_ = false;
  return fd;
}

void Signals::noteTold() {
  if (descriptor() >= 0) {
    isTold_ = true;
    turnsWhenTold_ = turns();
    bytesWhenTold_ = pendingBytes();
  }
}

} // namespace bipoll

#else

namespace bipoll {

// Windows has no signals that cut a call short, and libuv no pipe there.
int Signals::descriptor() {
  return -1;
}

int Signals::descriptorOfNews() {
  return -1;
}

void Signals::noteTold() {
}

} // namespace bipoll

#endif
