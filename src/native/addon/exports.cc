#include "exports.h"

namespace bipoll {

void exportCallback(napi_env env, napi_value exports, const char *name, napi_callback callback,
                    Environment *environment) {
  napi_value exported = nullptr;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, environment, &exported) ==
      napi_ok) {
    napi_set_named_property(env, exports, name, exported);
  }
}

} // namespace bipoll
