#include "pipe_listener.h"

#include "net.h"
#include "overlapped.h"
#include "poison.h"

#include <errno.h>
#include <sddl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* Each costs a handle, and a client that finds none free tries again within milliseconds. */
#define MOST_INSTANCES 16
#define NAME_CAPACITY 64
#define OTHERS_MAY_WRITE 0002

/* An instance of the pipe that has not been accepted. */
struct instance {
  struct bp_operation connecting;
  HANDLE handle;
  struct bp_pipe_listener *listener; /* NULL: closed, and only waits for its packet */
  struct instance *next;
};

struct bp_pipe_listener {
  struct bp_waitable waitable; /* first */
  PSECURITY_DESCRIPTOR security;
  WCHAR *name;
  /* Guarded by the lock: */
  struct instance *waiting;                      /* for a client */
  struct instance *connected, **after_connected; /* in the order of their coming */
  unsigned instances;                            /* of both */
  unsigned wanted;
};

/* ---- Who may connect ---- */

/*
 * As of a socket file: who may write to it may connect. The owner always may, or it could not make
 * further instances; to the group's bits nothing corresponds. Others may read and write, but not
 * make instances of their own, by which they could pose as the server; this leaves out a right that
 * GENERIC_WRITE includes, so clients of other users have to ask for less, as bp_pipe_open_client
 * does. Wine takes the descriptor and does not enforce it.
 */
static int make_security(unsigned mode, PSECURITY_DESCRIPTOR *out) {
  const WCHAR *text =
      mode & OTHERS_MAY_WRITE ? L"D:P(A;;GA;;;OW)(A;;0x12019b;;;WD)" : L"D:P(A;;GA;;;OW)";
  const BOOL made =
      ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1, out, NULL);
  return made ? 0 : bp_error_of_windows(GetLastError());
}

static DWORD create(const WCHAR *name, PSECURITY_DESCRIPTOR security, bool is_first, DWORD most,
                    HANDLE *out) {
  SECURITY_ATTRIBUTES attributes = {
      .nLength = sizeof attributes, .lpSecurityDescriptor = security, .bInheritHandle = FALSE};
  const DWORD first = is_first ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0;
  *out =
      CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first,
                       PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
                       most, BP_PIPE_BUFFER_BYTES, BP_PIPE_BUFFER_BYTES, 0, &attributes);
  return *out == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
}

/* ---- Instances ---- */

static void unlink_waiting(struct instance *instance) {
  struct instance **link = &instance->listener->waiting;
  while (*link && *link != instance) {
    link = &(*link)->next;
  }
  *link = instance->next;
}

static void add_waiting(struct bp_pipe_listener *listener, struct instance *instance) {
  instance->next = listener->waiting;
  listener->waiting = instance;
}

static void add_connected(struct bp_pipe_listener *listener, struct instance *instance) {
  instance->next = NULL;
  *listener->after_connected = instance;
  listener->after_connected = &instance->next;
}

static struct instance *take_connected(struct bp_pipe_listener *listener) {
  struct instance *instance = listener->connected;
  listener->connected = instance->next;
  if (!listener->connected) {
    listener->after_connected = &listener->connected;
  }
  listener->instances--;
  return instance;
}

static void free_instance(struct instance *instance) {
  bp_free_poisoned(instance, sizeof *instance);
}

static void connecting_over(struct bp_operation *operation, DWORD outcome) {
  struct instance *instance = operation->owner;
  struct bp_pipe_listener *listener = instance->listener;
  if (!listener) {
    free_instance(instance);
    return;
  }
  unlink_waiting(instance);
  if (outcome) {
    CloseHandle(instance->handle);
    free_instance(instance);
    listener->instances--;
  } else {
    add_connected(listener, instance);
  }
  bp_waitable_notify(&listener->waitable, BP_READINESS_READ);
}

/* Begins to wait for a client. Returns an error of Windows. */
static DWORD begin_connecting(struct bp_pipe_listener *listener, struct instance *instance) {
  const DWORD begun = bp_operation_begun(
      ConnectNamedPipe(instance->handle, bp_operation_prepare(&instance->connecting)));
  switch (begun) {
  case ERROR_IO_PENDING:
    add_waiting(listener, instance);
    break;
  case ERROR_SUCCESS:
  case ERROR_PIPE_CONNECTED: /* a client was quicker */
  case ERROR_NO_DATA:        /* and has left again: what it sent is still to be read */
    add_connected(listener, instance);
    bp_waitable_notify(&listener->waitable, BP_READINESS_READ);
    break;
  default:
    return begun;
  }
  listener->instances++;
  return ERROR_SUCCESS;
}

/* The first makes the name. 0 or a negated errno. */
static int add_instance(struct bp_pipe_listener *listener, bool is_first) {
  struct instance *instance = calloc(1, sizeof *instance);
  if (!instance) {
    return -ENOMEM;
  }
  instance->listener = listener;
  instance->connecting = (struct bp_operation){.over = connecting_over, .owner = instance};
  const DWORD created = create(listener->name, listener->security, is_first,
                               PIPE_UNLIMITED_INSTANCES, &instance->handle);
  if (created) {
    free(instance);
    return is_first && created == ERROR_ACCESS_DENIED ? -EADDRINUSE : bp_error_of_windows(created);
  }
  int error = bp_overlapped_bind(instance->handle);
  if (!error) {
    bp_overlapped_lock();
    error = bp_error_of_windows(begin_connecting(listener, instance));
    bp_overlapped_unlock();
  }
  if (error) {
    CloseHandle(instance->handle);
    free(instance);
  }
  return error;
}

/* ---- The listener ---- */

static unsigned look(struct bp_waitable *waitable) {
  const struct bp_pipe_listener *listener = (const struct bp_pipe_listener *)waitable;
  /* Without any instance it is for accept to say why. */
  return listener->connected || !listener->waiting ? BP_READINESS_READ : 0;
}

/* Connecting is always under way. */
static void expect(struct bp_waitable *waitable) {
  (void)waitable;
}

/* FILE_FLAG_FIRST_PIPE_INSTANCE would do, but Wine lets a second server have the name all the same.
 */
static bool is_served(const WCHAR *name) {
  return WaitNamedPipeW(name, 1) || GetLastError() == ERROR_SEM_TIMEOUT;
}

static bool has_fewer(const struct bp_pipe_listener *listener, unsigned instances) {
  bp_overlapped_lock();
  const bool fewer = listener->instances < instances;
  bp_overlapped_unlock();
  return fewer;
}

static int fill_up(struct bp_pipe_listener *listener, unsigned instances) {
  int error = 0;
  while (!error && has_fewer(listener, instances)) {
    error = add_instance(listener, false);
  }
  return error;
}

int bp_pipe_listener_open(const WCHAR *name, unsigned mode, int backlog,
                          struct bp_pipe_listener **out) {
  if (is_served(name)) {
    return -EADDRINUSE;
  }
  struct bp_pipe_listener *listener = calloc(1, sizeof *listener);
  if (!listener) {
    return -ENOMEM;
  }
  listener->waitable = (struct bp_waitable){.look = look, .expect = expect};
  listener->after_connected = &listener->connected;
  listener->wanted = backlog < 1                ? 1
                     : backlog < MOST_INSTANCES ? (unsigned)backlog
                                                : MOST_INSTANCES;
  listener->name = _wcsdup(name);
  int error = listener->name ? make_security(mode, &listener->security) : -ENOMEM;
  if (!error) {
    error = add_instance(listener, true);
  }
  if (!error) {
    error = fill_up(listener, listener->wanted);
  }
  if (error) {
    bp_pipe_listener_close(listener);
    return error;
  }
  *out = listener;
  return 0;
}

struct bp_waitable *bp_pipe_listener_waitable(struct bp_pipe_listener *listener) {
  return &listener->waitable;
}

/* NULL: nobody. has_more: whether an instance is left for the next client. */
static struct instance *next_connected(struct bp_pipe_listener *listener, bool *has_more) {
  bp_overlapped_lock();
  struct instance *next = listener->connected;
  *has_more = listener->waiting || (next && next->next);
  bp_overlapped_unlock();
  return next;
}

int bp_pipe_listener_accept(struct bp_pipe_listener *listener, struct bp_named_pipe **out) {
  bool has_more = false;
  struct instance *next = next_connected(listener, &has_more);
  /* Before one is handed over the next is there: otherwise the name would be gone for a moment, and
   * clients be told that nobody serves it. */
  int error = fill_up(listener, listener->wanted + (next ? 1 : 0));
  if (error && !has_more) {
    return error;
  }
  if (!next) {
    return -EAGAIN;
  }
  error = bp_named_pipe_new(next->handle, true, out);
  if (!error) {
    bp_overlapped_lock();
    (void)take_connected(listener);
    bp_overlapped_unlock();
    free_instance(next);
  }
  return error;
}

static void close_connected(struct bp_pipe_listener *listener) {
  while (listener->connected) {
    struct instance *instance = take_connected(listener);
    CloseHandle(instance->handle);
    free_instance(instance);
  }
}

static void close_waiting(struct bp_pipe_listener *listener) {
  while (listener->waiting) {
    struct instance *instance = listener->waiting;
    listener->waiting = instance->next;
    instance->listener = NULL; /* freed when its packet comes */
    (void)CancelIoEx(instance->handle, &instance->connecting.overlapped);
    CloseHandle(instance->handle);
  }
}

void bp_pipe_listener_close(struct bp_pipe_listener *listener) {
  bp_overlapped_lock();
  close_connected(listener);
  close_waiting(listener);
  bp_overlapped_unlock();
  LocalFree(listener->security);
  free(listener->name);
  free(listener);
}

/* ---- Clients ---- */

int bp_pipe_open_client(const WCHAR *name, HANDLE *out) {
  /* Without FILE_APPEND_DATA, which here means to make instances: see make_security. Windows lets
   * a server act as its clients if they do not forbid it. */
  *out = CreateFileW(name, GENERIC_READ | FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES, 0, NULL,
                     OPEN_EXISTING,
                     FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, NULL);
  return *out == INVALID_HANDLE_VALUE ? bp_error_of_windows(GetLastError()) : 0;
}

int bp_pipe_handles(HANDLE *server_end, HANDLE *client_end) {
  static atomic_uint count;
  PSECURITY_DESCRIPTOR security = NULL;
  char text[NAME_CAPACITY];
  WCHAR name[NAME_CAPACITY];
  LARGE_INTEGER now;
  int error = make_security(0, &security);
  if (error) {
    return error;
  }
  QueryPerformanceCounter(&now);
  (void)snprintf(text, sizeof text, "\\\\.\\pipe\\bipoll-%lu-%u-%llx", GetCurrentProcessId(),
                 atomic_fetch_add(&count, 1), (unsigned long long)now.QuadPart);
  (void)MultiByteToWideChar(CP_UTF8, 0, text, -1, name, NAME_CAPACITY);
  /* One instance only: if we get to connect to it nobody else did. An instance takes a client also
   * if nobody waits for it. */
  error = bp_error_of_windows(create(name, security, true, 1, server_end));
  LocalFree(security);
  if (!error) {
    error = bp_pipe_open_client(name, client_end);
    if (error) {
      CloseHandle(*server_end);
    }
  }
  return error;
}
