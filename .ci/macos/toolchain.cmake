# Compiles and links for macOS by the zig compiler, which brings the system's own headers. BIPOLL_ZIG is where it is,
# BIPOLL_MACOS_ARCH is x86_64 or aarch64; both from the environment, which reaches CMake's trial compilations, too.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR $ENV{BIPOLL_MACOS_ARCH})

set(target $ENV{BIPOLL_MACOS_ARCH}-macos.11.0)
set(CMAKE_C_COMPILER $ENV{BIPOLL_ZIG} cc -target ${target})
set(CMAKE_CXX_COMPILER $ENV{BIPOLL_ZIG} c++ -target ${target})
set(CMAKE_AR ${CMAKE_CURRENT_LIST_DIR}/ar)
set(CMAKE_RANLIB ${CMAKE_CURRENT_LIST_DIR}/ranlib)
