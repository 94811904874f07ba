/* Cases apart, on Windows, which has no fork: the program starts itself, with the name of the case.
 */
#include "check_process.h"

#include "fixtures.h"
#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define MAX_HANDLE 32768
#define CALL "--case"
#define TIMED_OUT (-1)
#define NOT_STARTED (-2)
#define CRASHED (-3)

/* One by one: GetProcessHandleCount always gives 0 under Wine. */
int check_count_descriptors(void) {
  DWORD flags = 0;
  int count = 0;
  for (uintptr_t handle = 4; handle < MAX_HANDLE; handle += 4) {
    count += GetHandleInformation((HANDLE)handle, &flags) != 0;
  }
  return count;
}

static int wait_for(HANDLE process) {
  DWORD code = 0;
  if (WaitForSingleObject(process, CASE_LIMIT_S * 1000) != WAIT_OBJECT_0) {
    TerminateProcess(process, 1);
    return TIMED_OUT;
  }
  CHECK(GetExitCodeProcess(process, &code));
  return code < 256 ? (int)code : CRASHED; /* beyond are exceptions, such as c0000005 */
}

int check_run_apart(const struct check_case *each, const char *backend) {
  char program[MAX_PATH];
  char command[MAX_PATH + 256];
  STARTUPINFOA startup = {.cb = sizeof startup};
  PROCESS_INFORMATION started;
  (void)fflush(NULL);
  CHECK(GetModuleFileNameA(NULL, program, sizeof program) > 0);
  (void)snprintf(command, sizeof command, "\"%s\" " CALL " %s %s", program, each->name,
                 backend ? backend : "");
  if (!CreateProcessA(program, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &started)) {
    return NOT_STARTED;
  }
  const int code = wait_for(started.hProcess);
  CloseHandle(started.hThread);
  CloseHandle(started.hProcess);
  return code;
}

const char *check_reason(int code) {
  return code == TIMED_OUT ? "timed out" : code == CRASHED ? "crashed" : "could not be started";
}

void check_answer_call(int argc, char **argv, const struct check_case *cases, size_t count) {
  if (argc < 3 || strcmp(argv[1], CALL) != 0) {
    return;
  }
  for (size_t i = 0; i < count; i++) {
    if (strcmp(cases[i].name, argv[2]) == 0) {
      check_run_here(&cases[i], argc > 3 ? argv[3] : NULL);
    }
  }
}

static void *do_nothing(void *argument) {
  return argument;
}

/* What is opened once, and kept: Winsock, the driver beneath it, the port and the thread of pipes,
 * and what the thread library keeps of who starts a thread. */
void check_prepare(void) {
  struct bp_socket *pair[2];
  struct bp_socket *server = NULL;
  struct bp_poller *poller = NULL;
  const struct bp_listen_tcp_options options = {.host = "127.0.0.1", .backlog = 1};
  (void)SetErrorMode(SEM_NOGPFAULTERRORBOX | SEM_FAILCRITICALERRORS);
  thread_join(thread_start(do_nothing, NULL));
  CHECK_OK(bp_socket_pair(pair));
  bp_socket_close(pair[0]);
  bp_socket_close(pair[1]);
  CHECK_OK(bp_listen_tcp(&options, &server));
  (void)bp_socket_holds(server, BP_EVENT_CONNECTION_AVAILABLE);
  CHECK_OK(bp_poller_open(NULL, &poller));
  CHECK_OK(bp_poller_monitor(poller, server, BP_EVENT_CONNECTION_AVAILABLE, 0));
  struct bp_occurrence none;
  (void)bp_poller_wait(poller, BP_AT_ONCE, NULL, &none, 1);
  bp_poller_close(poller);
  bp_socket_close(server);
}

void check_pause(void) {
  Sleep(10);
}
