/* Any bytes are the path of a local socket, as they are, or are refused. */
#include "local_address.h"
#include "require.h"

#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bp_local_address address;
  char *path = malloc(size ? size : 1);
  REQUIRE(path != NULL);
  memcpy(path, data, size);
  const int error = bp_local_address_parse(path, size, &address);
  if (error == 0) {
    const size_t terminated = bp_local_path_is_abstract(path, size) ? 0 : 1;
    REQUIRE(address.length == offsetof(struct sockaddr_un, sun_path) + size + terminated);
    REQUIRE(address.length <= sizeof address.un);
    REQUIRE(memcmp(address.un.sun_path, path, size) == 0);
  } else {
    REQUIRE(error == -EINVAL || error == -ENAMETOOLONG);
  }
  free(path);
  return 0;
}
