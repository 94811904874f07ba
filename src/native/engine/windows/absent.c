/* What Windows lacks: all features of bp_features() but one, descriptors from elsewhere, and
 * messages that carry them. */
#include "engine.h"

#include <errno.h>

unsigned bp_features(void) {
  return BP_FEATURE_TCP_INTERFACE;
}

int bp_kind_of(int fd, enum bp_kind *kind) {
  (void)fd;
  (void)kind;
  return -ENOTSUP;
}

int bp_adopt(int fd, enum bp_kind kind, struct bp_socket **out) {
  (void)fd;
  (void)kind;
  (void)out;
  return -ENOTSUP;
}

int64_t bp_socket_send_descriptors(struct bp_socket *socket, const void *bytes, size_t length,
                                   const int *fds, size_t count) {
  (void)socket;
  (void)bytes;
  (void)length;
  (void)fds;
  (void)count;
  return -ENOTSUP;
}

int64_t bp_socket_receive_descriptors(struct bp_socket *socket, void *bytes, size_t length,
                                      int *fds, size_t *count) {
  (void)socket;
  (void)bytes;
  (void)length;
  (void)fds;
  (void)count;
  return -ENOTSUP;
}
