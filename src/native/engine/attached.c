#include "attached.h"

#include "descriptor.h"

#include <errno.h>
#include <stdlib.h>

int bp_attached_duplicate(const int *fds, size_t count, struct bp_attached **out) {
  struct bp_attached *attached = malloc(sizeof *attached + count * sizeof(int));
  if (!attached) {
    return -ENOMEM;
  }
  for (attached->count = 0; attached->count < count; attached->count++) {
    const int fd = bp_descriptor_duplicate(fds[attached->count]);
    if (fd < 0) {
      bp_attached_free(attached);
      return fd;
    }
    attached->fds[attached->count] = fd;
  }
  *out = attached;
  return 0;
}

void bp_attached_free(struct bp_attached *attached) {
  for (size_t i = 0; attached && i < attached->count; i++) {
    bp_descriptor_close(attached->fds[i]);
  }
  free(attached);
}
