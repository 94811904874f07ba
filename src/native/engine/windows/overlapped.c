#include "overlapped.h"

#include "net.h"
#include "thread.h"

#include <string.h>
#include <winternl.h>

#define BATCH 64

static bp_mutex lock = BP_MUTEX_INITIALIZER;
static HANDLE port; /* guarded by lock; once there it stays for as long as the process lives */

void bp_overlapped_lock(void) {
  bp_mutex_lock(&lock);
}

void bp_overlapped_unlock(void) {
  bp_mutex_unlock(&lock);
}

/* Nobody closes the port, so it goes on for ever. */
static void take_packets(void *argument) {
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
}

static int open_port(void) {
  HANDLE opened = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
  if (!opened) {
    return bp_error_of_windows(GetLastError());
  }
  bp_thread thread;
  const int error = bp_thread_open(&thread, take_packets, opened);
  if (error) {
    CloseHandle(opened);
    return error;
  }
  bp_thread_detach(thread);
  port = opened;
  return 0;
}

/* Without the first mode every little write is in flight until the thread has seen its packet. */
static bool bind_to_port(HANDLE handle) {
  return CreateIoCompletionPort(handle, port, 0, 0) &&
         SetFileCompletionNotificationModes(handle, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS |
                                                        FILE_SKIP_SET_EVENT_ON_HANDLE);
}

int bp_overlapped_bind(HANDLE handle) {
  bp_overlapped_lock();
  const int error = port ? 0 : open_port();
  bp_overlapped_unlock();
  if (error) {
    return error;
  }
  return bind_to_port(handle) ? 0 : bp_error_of_windows(GetLastError());
}

OVERLAPPED *bp_operation_prepare(struct bp_operation *operation) {
  memset(&operation->overlapped, 0, sizeof operation->overlapped);
  return &operation->overlapped;
}

bool bp_operation_post(struct bp_operation *operation) {
  return PostQueuedCompletionStatus(port, 0, 0, &operation->overlapped);
}
