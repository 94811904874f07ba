#include "overlapped.h"

#include "net.h"

#include <string.h>
#include <winternl.h>

#define BATCH 64

static SRWLOCK lock = SRWLOCK_INIT;
static HANDLE port; /* guarded by lock; once there it stays for as long as the process lives */

void bp_overlapped_lock(void) {
  AcquireSRWLockExclusive(&lock);
}

void bp_overlapped_unlock(void) {
  ReleaseSRWLockExclusive(&lock);
}

/* Nobody closes the port, so it goes on for ever. */
static DWORD WINAPI take_packets(void *argument) {
  HANDLE source = argument;
  OVERLAPPED_ENTRY packets[BATCH];
  ULONG count = 0;
  while (GetQueuedCompletionStatusEx(source, packets, BATCH, &count, INFINITE, FALSE)) {
    bp_overlapped_lock();
    for (ULONG i = 0; i < count; i++) {
      struct bp_operation *operation = (struct bp_operation *)packets[i].lpOverlapped;
      operation->over(operation, RtlNtStatusToDosError((NTSTATUS)operation->overlapped.Internal));
    }
    bp_overlapped_unlock();
  }
  return 0;
}

/* The thread outlives the last pipe, so the library that it runs in must not be unloaded. */
static void keep_loaded(void) {
  HMODULE unused = NULL;
  (void)GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                           (LPCWSTR)(void *)&port, &unused);
}

static DWORD open_port(void) {
  HANDLE opened = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
  if (!opened) {
    return GetLastError();
  }
  HANDLE thread = CreateThread(NULL, 0, take_packets, opened, 0, NULL);
  if (!thread) {
    const DWORD error = GetLastError();
    CloseHandle(opened);
    return error;
  }
  CloseHandle(thread);
  keep_loaded();
  port = opened;
  return ERROR_SUCCESS;
}

int bp_overlapped_bind(HANDLE handle) {
  bp_overlapped_lock();
  DWORD error = port ? ERROR_SUCCESS : open_port();
  bp_overlapped_unlock();
  if (!error && !CreateIoCompletionPort(handle, port, 0, 0)) {
    error = GetLastError();
  }
  /* Without the first every little write would be in flight until the thread has seen its packet.
   */
  if (!error && !SetFileCompletionNotificationModes(handle, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS |
                                                                FILE_SKIP_SET_EVENT_ON_HANDLE)) {
    error = GetLastError();
  }
  return bp_error_of_windows(error);
}

OVERLAPPED *bp_operation_prepare(struct bp_operation *operation) {
  memset(&operation->overlapped, 0, sizeof operation->overlapped);
  return &operation->overlapped;
}

bool bp_operation_post(struct bp_operation *operation) {
  return PostQueuedCompletionStatus(port, 0, 0, &operation->overlapped);
}
