#include "address.h"
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#ifdef _WIN32
#define LONGEST_SCOPE sizeof "4294967295"
#else
#define LONGEST_SCOPE IF_NAMESIZE
#endif

static void check_round_trip(const char *host, const char *canonical, int family) {
  union bp_ip_address address;
  struct bp_address back;
  CHECK_INT(bp_address_family(host), family);
  CHECK_OK(bp_ip_address_parse(host, 65535, &address));
  CHECK_INT(bp_ip_address_length(&address),
            family == 4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
  bp_ip_address_format(&address, &back);
  CHECK_TEXT(back.host, canonical);
  CHECK_INT(back.port, 65535);
}

static void v4(void) {
  check_round_trip("127.0.0.1", "127.0.0.1", 4);
  check_round_trip("0.0.0.0", "0.0.0.0", 4);
  check_round_trip("255.255.255.255", "255.255.255.255", 4);
}

static void v6(void) {
  check_round_trip("::", "::", 6);
  check_round_trip("::1", "::1", 6);
  check_round_trip("2001:DB8:0:0::1", "2001:db8::1", 6);
  check_round_trip("::ffff:1.2.3.4", "::ffff:1.2.3.4", 6);
  check_round_trip("1111:2222:3333:4444:5555:6666:7777:8888",
                   "1111:2222:3333:4444:5555:6666:7777:8888", 6);
}

static void a_scope_by_name_and_by_number(void) {
  char name[IF_NAMESIZE] = "1"; /* as Windows calls it */
  char by_name[BP_HOST_CAPACITY];
  union bp_ip_address address;
#ifndef _WIN32
  if (!if_indextoname(1, name)) {
    check_skip("there is no interface 1");
  }
#endif
  (void)snprintf(by_name, sizeof by_name, "fe80::1%%%s", name);
  check_round_trip(by_name, by_name, 6);
  check_round_trip("fe80::1%1", by_name, 6);
  CHECK_OK(bp_ip_address_parse(by_name, 80, &address));
  CHECK_INT(address.v6.sin6_scope_id, 1);
}

static void the_longest_fits(void) {
  union bp_ip_address address = {.v6 = {.sin6_family = AF_INET6}};
  struct bp_address out;
  memset(&address.v6.sin6_addr, 0xff, sizeof address.v6.sin6_addr);
  bp_ip_address_format(&address, &out);
  CHECK_AT_MOST(strlen(out.host) + 1 + LONGEST_SCOPE, sizeof out.host);
}

static void check_refused(const char *host) {
  union bp_ip_address address;
  CHECK_INT(bp_address_family(host), 0);
  CHECK_INT(bp_ip_address_parse(host, 80, &address), -EINVAL);
}

static void what_is_not_numeric_is_refused(void) {
  static const char *const hosts[] = {
      "",
      " ",
      "localhost",
      "127.1",
      "127.0.0.256",
      "0x7f.0.0.1",
      "1.2.3",
      "1.2.3.4.5",
      " 127.0.0.1",
      "1.2.3.4 ",
      "[::1]",
      "::1::",
      ":::",
      "::g",
      "12345::",
      "::1%",
      "::1%nosuchinterface",
      "fe80::1%0",
      "1.2.3.4%lo",
      "%lo",
      "*",
  };
  for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
    check_refused(hosts[i]);
  }
}

/* strtoul() takes them, but nobody writes a number so. */
static void a_scope_of_digits_only(void) {
  check_refused("fe80::1% 1");
  check_refused("fe80::1%+1");
  check_refused("fe80::1%-18446744073709551615");
  check_refused("fe80::1%4294967296");
  check_refused("fe80::1%99999999999999999999999");
  check_refused("fe80::1%1x");
}

static void a_very_long_text_is_refused(void) {
  char text[1000];
  memset(text, '1', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  check_refused(text);
  memset(text, ':', sizeof text - 1);
  check_refused(text);
  (void)snprintf(text, sizeof text, "fe80::1%%%0900d", 0);
  check_refused(text);
}

static const struct check_case cases[] = {
    CASE(v4),
    CASE(v6),
    CASE(a_scope_by_name_and_by_number),
    CASE(the_longest_fits),
    CASE(what_is_not_numeric_is_refused),
    CASE(a_scope_of_digits_only),
    CASE(a_very_long_text_is_refused),
};
CHECK_MAIN(cases)
