#include "backend.h"

#include <string.h>

/* The best first. */
static const struct bp_backend_ops *const backends[] = {
#ifdef __linux__
    &bp_epoll,
#endif
#ifdef BP_HAS_KQUEUE
    &bp_kqueue,
#endif
#ifdef _WIN32
    &bp_iocp,
#else
    &bp_poll_backend,
#endif
};

unsigned bp_readiness_reported(unsigned readiness, unsigned interest) {
  const unsigned asked = interest | (interest & BP_READ ? BP_PEER_CLOSED : 0U);
  return readiness & (asked | BP_HUNG_UP | BP_ERROR);
}

#define BACKENDS (sizeof backends / sizeof backends[0])

const char *const *bp_backends(void) {
  static const char *const names[BACKENDS + 1] = {
#ifdef __linux__
      "epoll",
#endif
#ifdef BP_HAS_KQUEUE
      "kqueue",
#endif
#ifdef _WIN32
      "iocp",
#else
      "poll",
#endif
  };
  return names;
}

const struct bp_backend_ops *bp_backend_find(const char *name) {
  if (!name) {
    return backends[0];
  }
  for (size_t i = 0; i < BACKENDS; i++) {
    if (strcmp(backends[i]->name, name) == 0) {
      return backends[i];
    }
  }
  return NULL;
}
