#include "backend_list.h"

const struct bp_backend_ops *const bp_backend_list[] = {&bp_iocp, NULL};

const char *const *bp_backends(void) {
  static const char *const names[] = {"iocp", NULL};
  return names;
}
