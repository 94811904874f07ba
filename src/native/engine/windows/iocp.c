/* The backend over an I/O completion port, for Windows. */
#include "afd.h"
#include "backend.h"
#include "deadline.h"
#include "poison.h"
#include "waitable.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define BATCH 256
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
  pthread_mutex_t mutex;
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

static struct afd_handle *handle_with_room(struct bp_backend *backend) {
  for (struct afd_handle *each = backend->handles; each; each = each->next) {
    if (each->sockets < SOCKETS_PER_HANDLE) {
      return each;
    }
  }
  return add_handle(backend) ? NULL : backend->handles;
}

/* ---- Operations ---- */

static void make_due(struct bp_backend *backend, struct operation *operation) {
  if (!operation->is_due) {
    operation->is_due = true;
    operation->next_due = backend->due;
    backend->due = operation;
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

static int submit(struct bp_backend *backend, struct operation *operation) {
  const int error = operation->waitable ? submit_waiter(operation) : submit_poll(operation);
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

static void bring_in_line(struct bp_backend *backend, struct operation *operation) {
  const bool is_gone = !operation->registration;
  if (operation->state == PENDING && (is_gone || operation->interest & ~operation->submitted)) {
    cancel(backend, operation);
  }
  if (operation->state != IDLE) {
    return;
  }
  if (is_gone) {
    free_operation(operation);
  } else {
    (void)submit(backend, operation);
  }
}

static void bring_due_in_line(struct bp_backend *backend) {
  while (backend->due) {
    struct operation *operation = backend->due;
    backend->due = operation->next_due;
    operation->is_due = false;
    bring_in_line(backend, operation);
  }
}

static struct operation *operation_of(const struct bp_registration *registration) {
  return (struct operation *)registration->position; // NOLINT(performance-no-int-to-ptr)
}

static bool take_place_in_afd(struct bp_backend *backend, struct operation *operation, int fd) {
  operation->afd = handle_with_room(backend);
  if (operation->afd) {
    operation->afd->sockets++;
    operation->poll.sockets[0].socket = bp_afd_socket_of(fd);
  }
  return operation->afd;
}

static int add(struct bp_backend *backend, struct bp_registration *registration) {
  struct operation *operation = calloc(1, sizeof *operation);
  if (!operation) {
    return -ENOMEM;
  }
  operation->backend = backend;
  operation->registration = registration;
  operation->waitable = registration->waitable;
  if (!operation->waitable && !take_place_in_afd(backend, operation, registration->fd)) {
    free(operation);
    return -ENOMEM;
  }
  registration->position = (size_t)operation;
  return 0;
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
  if (backend->is_parked) {
    bring_due_in_line(backend);
  }
  return 0;
}

static int iocp_set(struct bp_backend *backend, struct bp_registration *registration,
                    unsigned interest) {
  pthread_mutex_lock(&backend->mutex);
  const int error = change(backend, registration, interest);
  pthread_mutex_unlock(&backend->mutex);
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
  if (operation->status.Status != 0 || operation->poll.count == 0) {
    return 0; /* cancelled */
  }
  const unsigned interest = operation->interest;
  const unsigned asked = interest | (interest & BP_READ ? BP_PEER_CLOSED : 0U);
  return bp_afd_readiness(operation->poll.sockets[0].events, interest) &
         (asked | BP_HUNG_UP | BP_ERROR);
}

static int iocp_wait(struct bp_backend *backend, bp_deadline_ns deadline, struct bp_ready *ready,
                     size_t capacity, bool *woken) {
  OVERLAPPED_ENTRY packets[BATCH];
  ULONG got = 0;
  const ULONG room = capacity < BATCH ? (ULONG)capacity : BATCH;
  pthread_mutex_lock(&backend->mutex);
  bring_due_in_line(backend);
  pthread_mutex_unlock(&backend->mutex);
  const int left_ms = bp_deadline_left_ms(deadline);
  if (!GetQueuedCompletionStatusEx(backend->port, packets, room, &got,
                                   left_ms < 0 ? INFINITE : (DWORD)left_ms, FALSE)) {
    const DWORD error = GetLastError();
    return error == WAIT_TIMEOUT ? 0 : bp_error_of_windows(error);
  }
  int count = 0;
  pthread_mutex_lock(&backend->mutex);
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
  pthread_mutex_unlock(&backend->mutex);
  return count;
}

static void iocp_wake(struct bp_backend *backend) {
  if (!atomic_exchange(&backend->is_signalled, true)) {
    (void)PostQueuedCompletionStatus(backend->port, 0, 0, NULL);
  }
}

static int iocp_descriptor(const struct bp_backend *backend) {
  (void)backend;
  return -1;
}

static void set_parked(struct bp_backend *backend, bool is_parked) {
  pthread_mutex_lock(&backend->mutex);
  backend->is_parked = is_parked;
  if (is_parked) {
    bring_due_in_line(backend);
  }
  pthread_mutex_unlock(&backend->mutex);
}

static void iocp_park(struct bp_backend *backend) {
  OVERLAPPED_ENTRY packet;
  ULONG got = 0;
  set_parked(backend, true);
  if (GetQueuedCompletionStatusEx(backend->port, &packet, 1, &got, INFINITE, FALSE) && got == 1) {
    /* A port cannot be looked at without taking something: so it is put back. */
    (void)PostQueuedCompletionStatus(backend->port, packet.dwNumberOfBytesTransferred,
                                     packet.lpCompletionKey, packet.lpOverlapped);
  }
  set_parked(backend, false);
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
  pthread_mutex_init(&backend->mutex, NULL);
  atomic_init(&backend->is_signalled, false);
  *out = backend;
  return 0;
}

/* Nothing that the kernel still writes to may be freed: so all packets are waited for. */
static void take_all(struct bp_backend *backend) {
  bring_due_in_line(backend);
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
  pthread_mutex_destroy(&backend->mutex);
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
