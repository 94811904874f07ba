#pragma once

#include <napi.h>

#include <cstddef>

namespace bipoll {

// A host, a name or the like. What is longer is cut off: nothing that long means anything.
class Text {
public:
  // Empty for anything but a string, such as null.
  Text(napi_env env, napi_value value) {
    if (napi_get_value_string_utf8(env, value, characters_, sizeof characters_, &length_) !=
        napi_ok) {
      length_ = 0;
      characters_[0] = '\0';
    }
  }

  const char *c_str() const {
    return characters_;
  }
  size_t length() const {
    return length_;
  }
  // For what may be left out.
  const char *orNull() const {
    return length_ > 0 ? characters_ : nullptr;
  }

private:
  char characters_[1025]; // as many as the system's resolver takes
  size_t length_ = 0;
};

// For the members of arrays and objects: their Set() copies a Napi::String into a std::string
// first.
inline Napi::Value textValue(napi_env env, const char *text, size_t length = NAPI_AUTO_LENGTH) {
  return Napi::String::New(env, text, length);
}

} // namespace bipoll
