# Compiles and links for another system by the zig compiler, which brings the headers and libraries of each. From the
# environment, which CMake's trial compilations see, too: BIPOLL_ZIG is the compiler, BIPOLL_ZIG_TARGET its name of the
# system, such as x86_64-linux-gnu.2.28 (the oldest glibc to run on) or aarch64-macos.11.0.
set(target $ENV{BIPOLL_ZIG_TARGET})
string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR ${target})
if(target MATCHES "-macos")
  set(CMAKE_SYSTEM_NAME Darwin)
elseif(target MATCHES "-windows")
  set(CMAKE_SYSTEM_NAME Windows)
else()
  set(CMAKE_SYSTEM_NAME Linux)
endif()

set(CMAKE_C_COMPILER $ENV{BIPOLL_ZIG} cc)
set(CMAKE_CXX_COMPILER $ENV{BIPOLL_ZIG} c++)
# CMake's trials are compiled and not linked: to link one, zig would build all of its C++ library, without optimization,
# for that trial alone.
set(CMAKE_C_COMPILER_TARGET ${target})
set(CMAKE_CXX_COMPILER_TARGET ${target})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_AR ${CMAKE_CURRENT_LIST_DIR}/ar)
set(CMAKE_RANLIB ${CMAKE_CURRENT_LIST_DIR}/ranlib)
