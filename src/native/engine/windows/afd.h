/*
 * AFD, the driver beneath Winsock: it polls sockets like poll(2), but as overlapped operations,
 * which can end at a completion port. select() and Windows' other ways to wait are made of it. It
 * is not documented, and stable since Windows 2000; libuv, mio and wepoll stand on it as well.
 */
#ifndef BIPOLL_AFD_H
#define BIPOLL_AFD_H

#include "net.h"
#include "readiness.h"

#include <windows.h>
#include <winternl.h>

struct bp_afd_socket {
  HANDLE socket;
  ULONG events; /* asked for, then found */
  NTSTATUS status;
};

/* The operation's in- and output, as AFD has it; its array may be longer. */
struct bp_afd_poll {
  LARGE_INTEGER timeout; /* 100 ns, negative: from now on; INT64_MAX: none */
  ULONG count; /* in: of the array; out: of those that are ready, which are then the first */
  ULONG exclusive;
  struct bp_afd_socket sockets[1];
};

/* A handle to submit operations through. */
int bp_afd_open(HANDLE *out);

/* The socket beneath those that layered providers put around it: the one that AFD knows. */
HANDLE bp_afd_socket_of(int fd);

/* -EBADF if it was closed. */
int bp_afd_check(int fd);

#define BP_AFD_LOCAL_CLOSE 0x0020 /* found: closed by this process, past the engine */

ULONG bp_afd_events(unsigned interest);
/* Of what was found, that which is reported to who has the interest. */
unsigned bp_afd_readiness(ULONG events, unsigned interest);

/*
 * Begins to wait. status and poll must stay until the operation is over, however that is learnt: by
 * the event, or, if it is null, by a packet with status as its OVERLAPPED. 0 or a negated errno,
 * after which none comes.
 */
int bp_afd_submit(HANDLE afd, HANDLE event, IO_STATUS_BLOCK *status, struct bp_afd_poll *poll,
                  ULONG size);

/* Only asks for it: the operation is over when its event or packet comes. */
void bp_afd_cancel(HANDLE afd, IO_STATUS_BLOCK *status);

#endif
