#include "error_text.h"

#include <stdio.h>
#include <string.h>

#if defined(__GLIBC__) && defined(_GNU_SOURCE)

void bp_error_describe(int number, char *text, size_t capacity) {
  /* GNU's strerror_r returns the text, which need not be in the buffer. */
  char buffer[128];
  (void)snprintf(text, capacity, "%s", strerror_r(number, buffer, sizeof buffer));
}

#else

void bp_error_describe(int number, char *text, size_t capacity) {
  if (strerror_r(number, text, capacity) != 0) {
    (void)snprintf(text, capacity, "error %d", number);
  }
}

#endif
