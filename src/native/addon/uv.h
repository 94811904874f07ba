// libuv, reached without its header, which the Node-API packages do not have: by opaque pointers,
// and by functions looked up in the running program. So one binary serves every version, and
// programs without libuv.
#pragma once

#ifndef _WIN32

#include <dlfcn.h>

namespace bipoll {

// Leaves a null pointer and returns false where the program has no such function.
template <typename Function> bool lookUpUv(const char *name, Function &function) {
  function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return function != nullptr;
}

} // namespace bipoll

#endif
