#include "afd.h"

#include <errno.h>

#define IOCTL_AFD_POLL 0x00012024

#define AFD_POLL_RECEIVE 0x0001
#define AFD_POLL_RECEIVE_EXPEDITED 0x0002
#define AFD_POLL_SEND 0x0004
#define AFD_POLL_DISCONNECT 0x0008 /* the peer has ended its side */
#define AFD_POLL_ABORT 0x0010      /* reset */
#define AFD_POLL_ACCEPT 0x0080
#define AFD_POLL_CONNECT_FAIL 0x0100

/* Not declared by every <winternl.h>. */
NTSYSAPI NTSTATUS NTAPI NtCancelIoFileEx(HANDLE file, IO_STATUS_BLOCK *operation,
                                         IO_STATUS_BLOCK *status);

int bp_afd_open(HANDLE *out) {
  /* What follows AFD's own name in the path is ours to choose. */
  static const WCHAR path[] = L"\\Device\\Afd\\bipoll";
  UNICODE_STRING name = {.Length = sizeof path - sizeof path[0],
                         .MaximumLength = sizeof path,
                         .Buffer = (WCHAR *)path};
  OBJECT_ATTRIBUTES attributes = {.Length = sizeof attributes, .ObjectName = &name};
  IO_STATUS_BLOCK status;
  const NTSTATUS result = NtCreateFile(out, SYNCHRONIZE, &attributes, &status, NULL, 0,
                                       FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, 0, NULL, 0);
  return result ? bp_error_of_windows(RtlNtStatusToDosError(result)) : 0;
}

HANDLE bp_afd_socket_of(int fd) {
  SOCKET base = INVALID_SOCKET;
  DWORD size = 0;
  if (WSAIoctl(BP_NET(fd), SIO_BASE_HANDLE, NULL, 0, &base, sizeof base, &size, NULL, NULL) < 0) {
    base = BP_NET(fd);
  }
  return (HANDLE)base;
}

int bp_afd_check(int fd) {
  int type = 0;
  socklen_t length = sizeof type;
  return getsockopt(BP_NET(fd), SOL_SOCKET, SO_TYPE, (void *)&type, &length) < 0 ? bp_net_error()
                                                                                 : 0;
}

ULONG bp_afd_events(unsigned interest) {
  /* LOCAL_CLOSE, so that no operation is left on a socket which is closed past us. */
  ULONG events = AFD_POLL_ABORT | AFD_POLL_CONNECT_FAIL | BP_AFD_LOCAL_CLOSE;
  if (interest & BP_READINESS_READ) {
    events |= AFD_POLL_RECEIVE | AFD_POLL_ACCEPT | AFD_POLL_DISCONNECT;
  }
  if (interest & BP_READINESS_WRITE) {
    events |= AFD_POLL_SEND;
  }
  if (interest & BP_READINESS_PEER_CLOSED) {
    events |= AFD_POLL_DISCONNECT;
  }
  return events;
}

unsigned bp_afd_readiness(ULONG events, unsigned interest) {
  unsigned readiness = 0;
  if (events & (AFD_POLL_RECEIVE | AFD_POLL_RECEIVE_EXPEDITED | AFD_POLL_ACCEPT)) {
    readiness |= BP_READINESS_READ;
  }
  if (events & AFD_POLL_SEND) {
    readiness |= BP_READINESS_WRITE;
  }
  if (events & AFD_POLL_DISCONNECT) {
    readiness |= BP_READINESS_PEER_CLOSED | BP_READINESS_READ; /* the end is readable */
  }
  if (events & (AFD_POLL_ABORT | AFD_POLL_CONNECT_FAIL | BP_AFD_LOCAL_CLOSE)) {
    readiness |= BP_READINESS_PEER_CLOSED | BP_READINESS_HUNG_UP | BP_READINESS_ERROR |
                 BP_READINESS_READ | BP_READINESS_WRITE;
  }
  return bp_readiness_reported(readiness, interest);
}

int bp_afd_submit(HANDLE afd, HANDLE event, IO_STATUS_BLOCK *status, struct bp_afd_poll *poll,
                  ULONG size) {
  status->Status = STATUS_PENDING;
  /* With an APC context its end is a packet at the port; without one there is no packet. */
  const NTSTATUS result = NtDeviceIoControlFile(afd, event, NULL, event ? NULL : status, status,
                                                IOCTL_AFD_POLL, poll, size, poll, size);
  if (result == STATUS_PENDING || result == 0) {
    return 0;
  }
  return bp_error_of_windows(RtlNtStatusToDosError(result));
}

void bp_afd_cancel(HANDLE afd, IO_STATUS_BLOCK *status) {
  IO_STATUS_BLOCK unused;
  if (status->Status == STATUS_PENDING) {
    (void)NtCancelIoFileEx(afd, status, &unused);
  }
}
