// Loads an addon by musl's loader, with all of its symbols: host ADDON. There is no Node.js for
// musl to be had from npm, so the functions of Node-API are only names here (NODE_API, as
// NAME(napi_...) one after the other).
#include <dlfcn.h>
#include <stdio.h>

#define NAME(function)                                                                             \
  void function(void);                                                                             \
  void function(void) {                                                                            \
  }
NODE_API

int main(int argc, char **argv) {
  void *addon = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
  if (addon == NULL || dlsym(addon, "napi_register_module_v1") == NULL) {
    fprintf(stderr, "%s\n", argc == 2 ? dlerror() : "usage: host ADDON");
    return 1;
  }
  return 0;
}
