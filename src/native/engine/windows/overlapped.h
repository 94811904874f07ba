/*
 * Overlapped operations on what AFD cannot poll: named pipes.
 *
 * A handle can be tied to one completion port, once, for life; a socket of ours may be in several
 * pollers, one after the other or at once, and in blocking waits in between. So the handles of all
 * pipes are tied to a port of their own, one for the process, and a thread takes its packets: it
 * notes what is over and tells those who wait (waitable.h), a poller by a packet at the poller's
 * port, a blocking wait by its event. The thread is also what closes a pipe after its last write
 * when its owner has long gone. The price is one more switch of threads for each wake-up; who finds
 * something ready does not pay it.
 *
 * The system's thread pool would do the same, but nobody could say when its threads and handles are
 * gone.
 */
#ifndef BIPOLL_OVERLAPPED_H
#define BIPOLL_OVERLAPPED_H

#include <stdbool.h>
#include <windows.h>

/*
 * What the kernel does for a pipe. From the call that begins it until over is called the kernel
 * owns the memory: nobody may free it or begin it again.
 */
struct bp_operation {
  OVERLAPPED overlapped;                                       /* first: packets point to it */
  void (*over)(struct bp_operation *operation, DWORD outcome); /* under the lock */
  void *owner;
};

/*
 * Ties a handle to the port. From then on an operation that was pending has over called once, with
 * an error of Windows or 0; one that succeeds or fails at once has not. 0 or a negated errno.
 */
int bp_overlapped_bind(HANDLE handle);

/* Makes an operation ready to begin. */
OVERLAPPED *bp_operation_prepare(struct bp_operation *operation);

/* Has over called as if the operation had been pending, from the thread: for one that would go on
 * at once, again and again. False: for want of memory. */
bool bp_operation_post(struct bp_operation *operation);

/* Of the call that began one: 0, ERROR_IO_PENDING or what it failed with. */
static inline DWORD bp_operation_begun(BOOL has_succeeded) {
  return has_succeeded ? ERROR_SUCCESS : GetLastError();
}

/*
 * One lock for all pipes: it is held for moments only, and several objects change at once (a
 * listener and its connections, a pipe and those who wait for it). Under it nobody takes another
 * lock.
 */
void bp_overlapped_lock(void);
void bp_overlapped_unlock(void);

#endif
