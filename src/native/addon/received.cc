#include "received.h"

#include "descriptor.h"

namespace bipoll {

int adoptReceived(int fd, bp_socket **out) {
  bp_kind kind = BP_KIND_DESCRIPTOR;
  int error = bp_kind_of(fd, &kind);
  if (!error) {
    error = bp_adopt(fd, kind, out);
  }
  if (error) {
    bp_descriptor_close(fd);
  }
  return error;
}

} // namespace bipoll
