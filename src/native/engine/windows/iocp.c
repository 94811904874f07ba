/* The backend over an I/O completion port, for Windows. */
#include "afd.h"
#include "backend.h"
#include "deadline.h"
#include "poison.h"
#include "thread.h"
#include "waitable.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#define BATCH 256
#define CANCELLED_STATUS                                                                           \
  ((NTSTATUS)0xC0000120) /* STATUS_CANCELLED, of a header that clashes with others */
/* AFD looks through all operations of a handle for each that ends. */
#define SOCKETS_PER_HANDLE 32

/* Where operations go in. */
struct afd_handle {
  HANDLE handle;
  unsigned sockets;
  struct afd_handle *next;
};

enum state {
  IDLE,
  PENDING,
  CANCELLED, /* but its packet has not come yet */
};

/*
 * What is done for one socket: a poll by AFD, or waiting for a waitable, that ends once, and is
 * begun anew at the next wait. The kernel owns it from its submission until its packet is taken
 * from the port; so it can outlive its registration.
 */
struct operation {
  IO_STATUS_BLOCK status; /* first: packets point to it */
  struct bp_backend *backend;
  /* Of a socket: */
  struct bp_afd_poll poll;
  struct afd_handle *afd;
  /* Of a waitable, NULL for a socket. Its packet comes from whoever notifies the waiter. */
  struct bp_waitable *waitable;
  struct bp_waiter waiter;
  struct bp_registration *registration; /* NULL: gone */
  enum state state;
  unsigned interest;          /* what is wanted */
  unsigned submitted;         /* what the pending poll asks for */
  struct operation *next_due; /* to be brought in line at the next wait */
  bool is_due;
};

struct bp_backend {
  HANDLE port;
  struct afd_handle *handles; /* the one with room first */
  struct operation *due;
  size_t pending; /* operations that the kernel owns */
  bool is_parked;
  atomic_bool is_signalled; /* spares a packet to all but the first of many signals */
  /* Guards all but the port: the thread that is parked submits what is due. */
  bp_mutex mutex;
};

/* ---- Handles of AFD ---- */

static int add_handle(struct bp_backend *backend) {
  struct afd_handle *added = calloc(1, sizeof *added);
  if (!added) {
    return -ENOMEM;
  }
  int error = bp_afd_open(&added->handle);
  if (error) {
    free(added);
    return error;
  }
  if (!CreateIoCompletionPort(added->handle, backend->port, 0, 0)) {
    error = bp_error_of_windows(GetLastError());
    CloseHandle(added->handle);
    free(added);
    return error;
  }
  /* Nobody waits for the handle itself. */
  (void)SetFileCompletionNotificationModes(added->handle, FILE_SKIP_SET_EVENT_ON_HANDLE);
  added->next = backend->handles;
  backend->handles = added;
  return 0;
}

static int handle_with_room(struct bp_backend *backend, struct afd_handle **out) {
  struct afd_handle *each = backend->handles;
  while (each && each->sockets >= SOCKETS_PER_HANDLE) {
    each = each->next;
  }
  const int error = each ? 0 : add_handle(backend);
  *out = each ? each : backend->handles;
  return error;
}

/* ---- Operations ---- */

static void make_due(struct bp_backend *backend, struct operation *operation) {
  if (!operation->is_due) {
    operation->is_due = true;
    operation->next_due = backend->due;
    backend->due = operation;
  }
}

/* Posting fails only for want of memory, and nobody would ever be told of what it lost. */
static void post_at_last(HANDLE port, const OVERLAPPED_ENTRY *packet) {
  while (!PostQueuedCompletionStatus(port, packet->dwNumberOfBytesTransferred,
                                     packet->lpCompletionKey, packet->lpOverlapped)) {
    Sleep(1);
  }
}

static void free_operation(struct operation *operation) {
  if (operation->afd) {
    operation->afd->sockets--;
  }
  bp_free_poisoned(operation, sizeof *operation);
}

static bool post(void *context) {
  struct operation *operation = context;
  return PostQueuedCompletionStatus(operation->backend->port, 0, 0, (OVERLAPPED *)operation);
}

static int submit_poll(struct operation *operation) {
  operation->poll.timeout.QuadPart = INT64_MAX;
  operation->poll.count = 1;
  operation->poll.exclusive = FALSE;
  operation->poll.sockets[0].events = bp_afd_events(operation->interest);
  operation->poll.sockets[0].status = 0;
  return bp_afd_submit(operation->afd->handle, NULL, &operation->status, &operation->poll,
                       sizeof operation->poll);
}

static int submit_waiter(struct operation *operation) {
  operation->waiter =
      (struct bp_waiter){.interest = operation->interest, .notify = post, .context = operation};
  bp_waitable_arm(operation->waitable, &operation->waiter);
  return 0;
}

/* What AFD would have told, had the socket been closed after the submission. */
static void report_closed(struct operation *operation) {
  operation->status.Status = 0;
  operation->poll.count = 1;
  operation->poll.sockets[0].events = BP_AFD_LOCAL_CLOSE;
  post_at_last(operation->backend->port,
               &(OVERLAPPED_ENTRY){.lpOverlapped = (OVERLAPPED *)operation});
}

static int submit(struct bp_backend *backend, struct operation *operation) {
  int error = operation->waitable ? submit_waiter(operation) : submit_poll(operation);
  if (error == -EBADF) {
    report_closed(operation);
    error = 0;
  }
  if (!error) {
    operation->submitted = operation->interest;
    operation->state = PENDING;
    backend->pending++;
  }
  return error;
}

/* Of one that is pending: afterwards it is cancelled, or already idle. */
static void cancel(struct bp_backend *backend, struct operation *operation) {
  operation->state = CANCELLED;
  if (!operation->waitable) {
    bp_afd_cancel(operation->afd->handle, &operation->status);
  } else if (bp_waitable_disarm(&operation->waiter)) {
    operation->state = IDLE; /* no packet will come */
    backend->pending--;
  }
}

static int bring_in_line(struct bp_backend *backend, struct operation *operation) {
  const bool is_gone = !operation->registration;
  if (operation->state == PENDING && (is_gone || operation->interest & ~operation->submitted)) {
    cancel(backend, operation);
  }
  if (operation->state != IDLE) {
    return 0;
  }
  if (is_gone) {
    free_operation(operation);
    return 0;
  }
  return submit(backend, operation);
}

/* Those that could not be submitted, such as for want of memory, stay due. Returns why, or 0. */
static int bring_due_in_line(struct bp_backend *backend) {
  struct operation *next = backend->due;
  int result = 0;
  backend->due = NULL;
  while (next) {
    struct operation *operation = next;
    next = operation->next_due;
    operation->is_due = false;
    const int error = bring_in_line(backend, operation);
    if (error) {
      make_due(backend, operation);
      result = error;
    }
  }
  return result;
}

static struct operation *operation_of(const struct bp_registration *registration) {
  return (struct operation *)registration->position; // NOLINT(performance-no-int-to-ptr)
}

static int take_place_in_afd(struct bp_backend *backend, struct operation *operation, int fd) {
  struct afd_handle *handle = NULL;
  int error = bp_afd_check(fd);
  if (!error) {
    error = handle_with_room(backend, &handle);
  }
  if (!error) {
    operation->poll.sockets[0].socket = bp_afd_socket_of(fd);
    operation->afd = handle;
    handle->sockets++;
  }
  return error;
}

static int add(struct bp_backend *backend, struct bp_registration *registration) {
  int error = 0;
  struct operation *operation = calloc(1, sizeof *operation);
  if (!operation) {
    return -ENOMEM;
  }
  operation->backend = backend;
  operation->registration = registration;
  operation->waitable = registration->waitable;
  if (!operation->waitable) {
    error = take_place_in_afd(backend, operation, registration->fd);
  }
  if (error) {
    free(operation);
    return error;
  }
  registration->position = (size_t)operation;
  return 0;
}

/* The parked thread hears only of what is submitted. What cannot be submitted now is submitted at
 * the next wait. */
static void keep_in_line_if_parked(struct bp_backend *backend) {
  if (backend->is_parked) {
    (void)bring_due_in_line(backend);
  }
}

static int change(struct bp_backend *backend, struct bp_registration *registration,
                  unsigned interest) {
  if (!registration->interest) {
    const int error = add(backend, registration);
    if (error) {
      return error;
    }
  }
  struct operation *operation = operation_of(registration);
  operation->interest = interest;
  if (!interest) {
    operation->registration = NULL;
    /* At once: the socket may be about to be closed. */
    if (operation->state == PENDING) {
      cancel(backend, operation);
    }
  }
  if (operation->state != CANCELLED) {
    make_due(backend, operation);
  }
  keep_in_line_if_parked(backend);
  return 0;
}

static int iocp_set(struct bp_backend *backend, struct bp_registration *registration,
                    unsigned interest) {
  bp_mutex_lock(&backend->mutex);
  const int error = change(backend, registration, interest);
  bp_mutex_unlock(&backend->mutex);
  return error;
}

/* ---- Waiting ---- */

/* Takes the packet of an operation. Returns the readiness that it brought, of those still wanted.
 */
static unsigned take(struct bp_backend *backend, struct operation *operation) {
  backend->pending--;
  operation->state = IDLE;
  if (!operation->registration) {
    if (!operation->is_due) {
      free_operation(operation);
    }
    return 0;
  }
  make_due(backend, operation); /* level-triggered: it asks again */
  if (operation->waitable) {
    return bp_waitable_probe(operation->waitable, operation->interest);
  }
  if (operation->status.Status == CANCELLED_STATUS) {
    return 0;
  }
  const bool has_failed = operation->status.Status != 0 || operation->poll.count == 0;
  return bp_afd_readiness(has_failed ? BP_AFD_LOCAL_CLOSE : operation->poll.sockets[0].events,
                          operation->interest);
}

static int bring_in_line_to_wait(struct bp_backend *backend) {
  bp_mutex_lock(&backend->mutex);
  const int error = bring_due_in_line(backend);
  bp_mutex_unlock(&backend->mutex);
  return error;
}

static int take_packets(struct bp_backend *backend, const OVERLAPPED_ENTRY *packets, ULONG got,
                        struct bp_ready *ready, bool *woken) {
  int count = 0;
  bp_mutex_lock(&backend->mutex);
  for (ULONG i = 0; i < got; i++) {
    struct operation *operation = (struct operation *)packets[i].lpOverlapped;
    if (!operation) {
      (void)atomic_exchange(&backend->is_signalled, false);
      *woken = true;
      continue;
    }
    const struct bp_registration *registration = operation->registration;
    const unsigned readiness = take(backend, operation);
    if (readiness) {
      ready[count++] = (struct bp_ready){.token = registration->token, .readiness = readiness};
    }
  }
  keep_in_line_if_parked(backend);
  bp_mutex_unlock(&backend->mutex);
  return count;
}

static int iocp_wait(struct bp_backend *backend, bp_deadline_ns deadline, struct bp_ready *ready,
                     size_t capacity, bool *woken) {
  OVERLAPPED_ENTRY packets[BATCH];
  const ULONG room = capacity < BATCH ? (ULONG)capacity : BATCH;
  for (;;) {
    ULONG got = 0;
    const int error = bring_in_line_to_wait(backend);
    if (error) {
      return error;
    }
    const int left_ms = bp_deadline_left_ms(deadline);
    if (!GetQueuedCompletionStatusEx(backend->port, packets, room, &got,
                                     left_ms < 0 ? INFINITE : (DWORD)left_ms, FALSE)) {
      const DWORD code = GetLastError();
      return code == WAIT_TIMEOUT ? 0 : bp_error_of_windows(code);
    }
    const int count = take_packets(backend, packets, got, ready, woken);
    if (count > 0 || *woken) {
      return count;
    }
    /* All were of operations that were cancelled. Some of them so as to ask for more: that, too, is
     * reported by this wait, though its deadline may have passed. */
  }
}

static void iocp_wake(struct bp_backend *backend) {
  if (!atomic_exchange(&backend->is_signalled, true)) {
    post_at_last(backend->port, &(OVERLAPPED_ENTRY){0});
  }
}

static int iocp_descriptor(const struct bp_backend *backend) {
  (void)backend;
  return -1;
}

static int set_parked(struct bp_backend *backend, bool is_parked) {
  bp_mutex_lock(&backend->mutex);
  backend->is_parked = is_parked;
  const int error = is_parked ? bring_due_in_line(backend) : 0;
  bp_mutex_unlock(&backend->mutex);
  return error;
}

static void iocp_park(struct bp_backend *backend) {
  OVERLAPPED_ENTRY packet;
  ULONG got = 0;
  /* After an error it does not wait: the owner's next wait meets the same, and tells of it. */
  if (set_parked(backend, true) == 0 &&
      GetQueuedCompletionStatusEx(backend->port, &packet, 1, &got, INFINITE, FALSE) && got == 1) {
    /* A port cannot be looked at without taking something: so it is put back. */
    post_at_last(backend->port, &packet);
  }
  (void)set_parked(backend, false);
}

/* ---- Opening and closing ---- */

static int iocp_open(struct bp_backend **out) {
  struct bp_backend *backend = calloc(1, sizeof *backend);
  if (!backend) {
    return -ENOMEM;
  }
  backend->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
  if (!backend->port) {
    const int error = bp_error_of_windows(GetLastError());
    free(backend);
    return error;
  }
  bp_mutex_init(&backend->mutex);
  atomic_init(&backend->is_signalled, false);
  *out = backend;
  return 0;
}

/* Memory that the kernel still writes to must not be freed, so we wait for all packets. */
static void take_all(struct bp_backend *backend) {
  (void)bring_due_in_line(backend);
  while (backend->pending > 0) {
    OVERLAPPED_ENTRY packet;
    ULONG got = 0;
    if (GetQueuedCompletionStatusEx(backend->port, &packet, 1, &got, INFINITE, FALSE) && got == 1 &&
        packet.lpOverlapped) {
      (void)take(backend, (struct operation *)packet.lpOverlapped);
    }
  }
}

static void iocp_close(struct bp_backend *backend) {
  take_all(backend);
  while (backend->handles) {
    struct afd_handle *handle = backend->handles;
    backend->handles = handle->next;
    CloseHandle(handle->handle);
    free(handle);
  }
  CloseHandle(backend->port);
  bp_mutex_destroy(&backend->mutex);
  free(backend);
}

const struct bp_backend_ops bp_iocp = {
    .name = "iocp",
    .open = iocp_open,
    .close = iocp_close,
    .set = iocp_set,
    .wait = iocp_wait,
    .wake = iocp_wake,
    .descriptor = iocp_descriptor,
    .park = iocp_park,
};
