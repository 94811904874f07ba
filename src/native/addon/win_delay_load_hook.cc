// Finds the functions of Node-API in the program that loads the addon, whatever that is called: the
// import library says node.exe, and neither a copy by another name nor Electron is that.
//
// For MinGW alone: cmake-js brings a hook for Visual C++.
#ifdef __MINGW32__

#include <windows.h>

#include <delayimp.h>

namespace {

// Asked before a library is loaded by its name; the host is the only one loaded so late.
FARPROC WINAPI useHost(unsigned event, DelayLoadInfo *) {
  return event == dliNotePreLoadLibrary ? reinterpret_cast<FARPROC>(GetModuleHandleW(nullptr))
                                        : nullptr;
}

} // namespace

PfnDliHook __pfnDliNotifyHook2 = useHost;

#endif
