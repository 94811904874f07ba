#include "backend_list.h"

const struct bp_backend_ops *const bp_backend_list[] = {
#ifdef __linux__
    &bp_epoll,
#endif
#ifdef BP_HAS_KQUEUE
    &bp_kqueue,
#endif
    &bp_poll_backend,
    NULL,
};

const char *const *bp_backends(void) {
  static const char *const names[] = {
#ifdef __linux__
      "epoll",
#endif
#ifdef BP_HAS_KQUEUE
      "kqueue",
#endif
      "poll",
      NULL,
  };
  return names;
}
