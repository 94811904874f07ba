/* Any text is a numeric address, which is the same once written and read again, or none. */
#include "address.h"
#include "require.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1); /* of its own size, so that reading beyond it is found */
  REQUIRE(text != NULL);
  memcpy(text, data, size);
  text[size] = '\0';
  const int family = bp_address_family(text);
  REQUIRE(family == 0 || family == 4 || family == 6);
  if (family) {
    union bp_ip_address address;
    union bp_ip_address again;
    struct bp_address written;
    REQUIRE(bp_ip_address_parse(text, 7, &address) == 0);
    bp_ip_address_format(&address, &written);
    REQUIRE(strnlen(written.host, sizeof written.host) < sizeof written.host);
    REQUIRE(bp_ip_address_parse(written.host, written.port, &again) == 0);
    /* A scope whose interface is not there has no name to be written by. */
    REQUIRE(bp_ip_address_equals(&address, &again) || strchr(text, '%'));
  }
  free(text);
  return 0;
}
