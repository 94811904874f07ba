#include "net.h"

static BOOL CALLBACK start_winsock(INIT_ONCE *once, void *argument, void **context) {
  WSADATA unused;
  (void)once;
  (void)argument;
  (void)context;
  (void)WSAStartup(MAKEWORD(2, 2), &unused);
  return TRUE;
}

/* For as long as the process lives: others may have started it as well, such as Node.js. */
void bp_net_start(void) {
  static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
  (void)InitOnceExecuteOnce(&once, start_winsock, NULL, NULL);
}
