// The signals whose handlers wait to be run in the event loop of an environment.
//
// A handler of libuv's takes each signal that JavaScript handles, in whichever thread that comes,
// and writes to a pipe of the loop, which the loop empties as it calls the handlers. So the pipe
// is readable exactly while handlers wait to be run, and a wait that watches it misses none.
// Signals that nobody handles, or that kill, never get there.
//
// Where there is no libuv nothing tells of signals but a system call that one cut short.
#pragma once

#include <napi.h>

#include <cstdint>

namespace bipoll {

class Signals {
public:
  explicit Signals(napi_env env) : env_(env) {
  }

  // Whether the environment has a loop of libuv's: programs that only pretend to must not be asked.
  bool hasLibuv = false;

  // The reading end of the pipe; -1: there is none.
  int descriptor();

  // The same, for who tells of each signal once; -1 also while all that came was told already.
  int descriptorOfNews();
  void noteTold();

private:
  enum class Search { notYet, over };

  uint64_t turns() const;
  int pendingBytes() const;

  napi_env env_;
  Search search_ = Search::notYet;
  int fd_ = -1;
  bool isTold_ = false; // and as things were then:
  uint64_t turnsWhenTold_ = 0;
  int bytesWhenTold_ = 0;
};

} // namespace bipoll
