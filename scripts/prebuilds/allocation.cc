// Takes the place of the C++ library's allocation in prebuilt binaries. That throws, and would
// bring the library's exceptions and their unwinder along, which nothing here catches, and which
// weigh as much as the addon itself.
#include <cstdlib>
#include <new>

void *operator new(std::size_t size) {
  void *allocated = std::malloc(size > 0 ? size : 1);
  if (!allocated) {
    std::abort();
  }
  return allocated;
}

void *operator new[](std::size_t size) {
  return operator new(size);
}

void operator delete(void *allocated) noexcept {
  std::free(allocated);
}

void operator delete[](void *allocated) noexcept {
  std::free(allocated);
}

void operator delete(void *allocated, std::size_t) noexcept {
  std::free(allocated);
}

void operator delete[](void *allocated, std::size_t) noexcept {
  std::free(allocated);
}
