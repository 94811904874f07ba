#include "check.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static void names(void) {
  CHECK_TEXT(bp_error_name(-ECONNREFUSED), "ECONNREFUSED");
  CHECK_TEXT(bp_error_name(-EADDRINUSE), "EADDRINUSE");
  CHECK_TEXT(bp_error_name(-EPIPE), "EPIPE");
  CHECK_TEXT(bp_error_name(-EAGAIN), "EAGAIN");
  CHECK_TEXT(bp_error_name(-ENAMETOOLONG), "ENAMETOOLONG");
  CHECK_TEXT(bp_error_name(-ETIMEDOUT), "ETIMEDOUT");
  CHECK_TEXT(bp_error_name(-EMFILE), "EMFILE");
}

static void what_has_no_name(void) {
  CHECK_TEXT(bp_error_name(0), "UNKNOWN");
  CHECK_TEXT(bp_error_name(-99999), "UNKNOWN");
  CHECK_TEXT(bp_error_name(ECONNREFUSED), "UNKNOWN"); /* not negated: no error of the engine */
  CHECK_TEXT(bp_error_name(INT_MAX), "UNKNOWN");
}

static void messages(void) {
  char text[256];
  CHECK_TEXT(bp_error_message(-ENOENT, text, sizeof text), strerror(ENOENT));
  CHECK(bp_error_message(-ENOENT, text, sizeof text) == text);
  CHECK_AT_LEAST(strlen(bp_error_message(-99999, text, sizeof text)), 1);
}

static void a_message_is_cut_to_fit(void) {
  char text[8];
  memset(text, 'x', sizeof text);
  bp_error_message(-ENOENT, text, 4);
  CHECK_AT_MOST(strnlen(text, 4), 3);
  CHECK_INT(text[4], 'x');
}

static const struct check_case cases[] = {
    CASE(names),
    CASE(what_has_no_name),
    CASE(messages),
    CASE(a_message_is_cut_to_fit),
};
CHECK_MAIN(cases)
