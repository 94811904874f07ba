// Finds the functions of Node-API in the program that loads the addon, whatever that is called: an
// import library would name node.exe, and neither a copy by another name nor Electron is that.
//
// For MinGW alone: cmake-js brings a hook for Visual C++.
#include <windows.h>

// What the compiler calls through where a declaration says dllimport.
#define FUNCTION(name) FARPROC __imp_##name;
#include "node_api_functions.h"
#undef FUNCTION

__attribute__((constructor)) static void find_functions(void) {
  const HMODULE host = GetModuleHandleW(NULL);
#define FUNCTION(name)                                                                             \
  __imp_##name = GetProcAddress(host, #name); // NULL in a Node.js that is older than it
#include "node_api_functions.h"
#undef FUNCTION
}
