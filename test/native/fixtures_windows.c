#include "check.h"
#include "descriptor.h"
#include "fixtures.h"
#include "net.h"

#include <windows.h>

const bool local_streams_are_sockets = false;

/* Over TCP, as there are no socket pairs. */
void raw_pair(int out[2]) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  unsigned long blocking = 0;
  int server = -1;
  CHECK_OK(bp_descriptor_socket(AF_INET, SOCK_STREAM, &server));
  CHECK_OK(bind(BP_NET(server), (struct sockaddr *)&address, sizeof address));
  CHECK_OK(listen(BP_NET(server), 1));
  CHECK_OK(getsockname(BP_NET(server), (struct sockaddr *)&address, &length));
  CHECK_OK(bp_descriptor_socket(AF_INET, SOCK_STREAM, &out[0]));
  CHECK_OK(ioctlsocket(BP_NET(out[0]), (long)FIONBIO, &blocking));
  CHECK_OK(connect(BP_NET(out[0]), (struct sockaddr *)&address, sizeof address));
  CHECK_OK(bp_descriptor_set_non_blocking(out[0]));
  CHECK_OK(bp_descriptor_accept(server, &out[1]));
  bp_descriptor_close(server);
}

/* Over TCP only a reset ends both sides. */
void raw_hang_up(int fd) {
  const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  CHECK_OK(setsockopt(BP_NET(fd), SOL_SOCKET, SO_LINGER, (const void *)&at_once, sizeof at_once));
  bp_descriptor_close(fd);
}

/* Sockets that do not block cannot be told from those that do. */
void check_non_blocking_and_close_on_exec(int fd) {
  DWORD flags = 0;
  CHECK(GetHandleInformation((HANDLE)BP_NET(fd), &flags));
  CHECK_INT(flags & HANDLE_FLAG_INHERIT, 0);
}

/* Wine tells it when the bytes were read; Windows, as is documented, at once. */
bool tells_end_behind_bytes(const char *backend) {
  (void)backend;
  return !GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version");
}

void ticking_start(int milliseconds) {
  (void)milliseconds;
  check_skip("Windows has no signals");
}

void ticking_stop(void) {
}
