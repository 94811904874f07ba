#include "named_pipe.h"

#include "net.h"
#include "overlapped.h"
#include "poison.h"

#include <errno.h>
#include <string.h>
#include <winternl.h>

#define OVER                                                                                       \
  (BP_READINESS_READ | BP_READINESS_WRITE | BP_READINESS_PEER_CLOSED | BP_READINESS_HUNG_UP)
#define SMALLEST_BUFFER 1024

struct bp_named_pipe {
  struct bp_waitable waitable; /* first */
  HANDLE handle;
  bool is_server_end;
  HANDLE has_read; /* an event, for the owner's reads alone */
  /* Guarded by the lock: */
  unsigned references; /* the owner's, and one for each operation that the kernel owns */
  bool is_expecting;   /* expecting is in flight */
  bool is_writing;     /* writing is in flight, or about to be */
  bool is_ended;
  bool is_closed; /* by its owner */
  int write_error;
  /* A read of no bytes: over when there are some, or the end. After the close: see discard. */
  struct bp_operation expecting;
  struct bp_operation writing; /* of what is in the buffer */
  /* The kernel's while is_writing, otherwise the owner's. */
  unsigned char *buffer;
  size_t capacity;
  unsigned char nothing; /* where no bytes are read to */
};

/* ---- Closing ---- */

static void drop_reference(struct bp_named_pipe *pipe) {
  if (--pipe->references == 0) {
    bp_free_poisoned(pipe->buffer, pipe->capacity);
    bp_free_poisoned(pipe, sizeof *pipe);
  }
}

static void end_expectation(struct bp_named_pipe *pipe) {
  if (pipe->is_expecting) {
    (void)CancelIoEx(pipe->handle, &pipe->expecting.overlapped);
  }
}

/*
 * While a pipe that was closed waits for its last write it takes what comes and throws it away. The
 * peer may have been closed likewise, and wait for us to read.
 */
static void discard(struct bp_named_pipe *pipe) {
  static unsigned char nowhere[BP_PIPE_BUFFER_BYTES];
  const DWORD begun = bp_operation_begun(ReadFile(pipe->handle, nowhere, sizeof nowhere, NULL,
                                                  bp_operation_prepare(&pipe->expecting)));
  if (begun == ERROR_IO_PENDING ||
      (begun == ERROR_SUCCESS && bp_operation_post(&pipe->expecting))) {
    pipe->is_expecting = true;
    pipe->references++;
  }
}

void bp_named_pipe_close(struct bp_named_pipe *pipe) {
  CloseHandle(pipe->has_read);
  bp_overlapped_lock();
  pipe->is_closed = true;
  if (pipe->is_writing && !pipe->is_expecting) {
    discard(pipe);
  } else {
    end_expectation(pipe);
  }
  if (!pipe->is_writing) {
    CloseHandle(pipe->handle);
  }
  drop_reference(pipe);
  bp_overlapped_unlock();
}

/* ---- What is ready ---- */

/* Documented for drivers only; GetNamedPipeHandleState, in spite of its name, does not tell. */
#define FILE_PIPE_LOCAL_INFORMATION 24
#define FILE_PIPE_CLOSING_STATE 4

struct pipe_local_information {
  ULONG type, configuration, maximum_instances, current_instances;
  ULONG inbound_quota, read_data_available, outbound_quota, write_quota_available;
  ULONG state, end;
};

#ifndef __MINGW32__ /* which has it in <winternl.h> */
NTSYSAPI NTSTATUS NTAPI NtQueryInformationFile(HANDLE file, IO_STATUS_BLOCK *status, void *out,
                                               ULONG size, FILE_INFORMATION_CLASS information);
#endif

/* Whether the peer has closed its end, though there may be bytes of it to read. */
static bool has_peer_closed(HANDLE handle) {
  struct pipe_local_information found;
  IO_STATUS_BLOCK status;
  const NTSTATUS result = NtQueryInformationFile(
      handle, &status, &found, sizeof found, (FILE_INFORMATION_CLASS)FILE_PIPE_LOCAL_INFORMATION);
  return result == 0 && found.state == FILE_PIPE_CLOSING_STATE;
}

/*
 * A look tells at any time that the peer has closed. Who waits for that alone, while bytes are left
 * unread, is told when they have been read: nothing in the kernel ends at the moment of the close.
 */
static unsigned look(struct bp_waitable *waitable) {
  struct bp_named_pipe *pipe = (struct bp_named_pipe *)waitable;
  DWORD available = 0;
  if (!PeekNamedPipe(pipe->handle, NULL, 0, NULL, &available, NULL)) {
    return GetLastError() == ERROR_BROKEN_PIPE ? OVER : OVER | BP_READINESS_ERROR;
  }
  unsigned ready = pipe->is_writing && !pipe->write_error ? 0 : BP_READINESS_WRITE;
  if (available > 0) {
    ready |= BP_READINESS_READ |
             (has_peer_closed(pipe->handle) ? BP_READINESS_PEER_CLOSED | BP_READINESS_HUNG_UP : 0U);
  }
  return ready;
}

static void expectation_over(struct bp_operation *operation, DWORD outcome) {
  struct bp_named_pipe *pipe = operation->owner;
  pipe->is_expecting = false;
  if (!pipe->is_closed) {
    bp_waitable_notify(&pipe->waitable,
                       BP_READINESS_READ | BP_READINESS_PEER_CLOSED); /* a look says more */
  } else if (pipe->is_writing && (!outcome || outcome == ERROR_OPERATION_ABORTED)) {
    discard(pipe);
  }
  drop_reference(pipe);
}

static void expect(struct bp_waitable *waitable) {
  struct bp_named_pipe *pipe = (struct bp_named_pipe *)waitable;
  if (pipe->is_expecting) {
    return; /* one serves all who wait */
  }
  const DWORD begun = bp_operation_begun(
      ReadFile(pipe->handle, &pipe->nothing, 0, NULL, bp_operation_prepare(&pipe->expecting)));
  if (begun == ERROR_IO_PENDING) {
    pipe->is_expecting = true;
    pipe->references++;
  } else {
    bp_waitable_notify(waitable, BP_READINESS_READ | BP_READINESS_PEER_CLOSED);
  }
}

/* ---- Reading ---- */

/* 0 at the end. A peer that disconnects instead of closing throws away what was not read yet. */
static int64_t no_more(DWORD error) {
  switch (error) {
  case ERROR_BROKEN_PIPE:
    return 0;
  case ERROR_PIPE_NOT_CONNECTED:
    return -ECONNRESET;
  default:
    return bp_error_of_windows(error);
  }
}

/* Of bytes that are there, so it does not wait. */
static int64_t read_available(struct bp_named_pipe *pipe, void *bytes, DWORD length) {
  /* An event with the lowest bit set is the event all the same, and keeps the packet away. */
  OVERLAPPED overlapped = {.hEvent = (char *)pipe->has_read + 1};
  DWORD got = 0;
  const DWORD begun = bp_operation_begun(ReadFile(pipe->handle, bytes, length, NULL, &overlapped));
  if (begun != ERROR_SUCCESS && begun != ERROR_IO_PENDING) {
    return no_more(begun);
  }
  if (begun == ERROR_IO_PENDING) {
    /* Another process that has the handle was quicker. As the buffer is the caller's, the read must
     * be over before we return. */
    (void)CancelIoEx(pipe->handle, &overlapped);
  }
  if (!GetOverlappedResult(pipe->handle, &overlapped, &got, TRUE)) {
    const DWORD error = GetLastError();
    return error == ERROR_OPERATION_ABORTED ? -EAGAIN : no_more(error);
  }
  return got > 0 ? (int64_t)got : -EAGAIN;
}

int64_t bp_named_pipe_read(struct bp_named_pipe *pipe, void *bytes, size_t length, bool peek) {
  DWORD available = 0;
  DWORD seen = 0;
  if (!PeekNamedPipe(pipe->handle, peek ? bytes : NULL, peek ? (DWORD)length : 0, &seen, &available,
                     NULL)) {
    return no_more(GetLastError());
  }
  if (available == 0) {
    return -EAGAIN;
  }
  if (peek) {
    return seen > 0 ? (int64_t)seen : -EAGAIN;
  }
  const int64_t got = read_available(pipe, bytes, length < available ? (DWORD)length : available);
  if (got >= (int64_t)available) {
    bp_waitable_has_read(&pipe->waitable);
  }
  return got;
}

/* ---- Writing ---- */

/*
 * A write takes what fits into the buffer. It is over at once where the kernel has room for all of
 * it; else it is in flight until the peer has read enough, and meanwhile the next takes nothing. It
 * is never cancelled: how much of it was read by then could not be told.
 */
static void write_over(struct bp_named_pipe *pipe, DWORD outcome) {
  pipe->is_writing = false;
  /* Cancelled past us, it is lost: -EINTR would have it written again, which would fail for ever.
   */
  pipe->write_error = outcome == ERROR_OPERATION_ABORTED ? -EPIPE : bp_error_of_windows(outcome);
  if (pipe->is_closed) {
    end_expectation(pipe);
    CloseHandle(pipe->handle); /* it was what kept it open */
  }
  /* When it has failed the peer is gone, which may be news to those who read as well. */
  bp_waitable_notify(&pipe->waitable,
                     outcome ? BP_READINESS_READ | BP_READINESS_WRITE | BP_READINESS_PEER_CLOSED
                             : BP_READINESS_WRITE);
  drop_reference(pipe);
}

static void pending_write_over(struct bp_operation *operation, DWORD outcome) {
  write_over(operation->owner, outcome);
}

static int begin_writing(struct bp_named_pipe *pipe) {
  bp_overlapped_lock();
  int error = pipe->is_ended ? -EPIPE : pipe->write_error;
  if (!error && pipe->is_writing) {
    error = -EAGAIN;
  }
  if (!error) {
    pipe->is_writing = true;
    pipe->references++;
  }
  bp_overlapped_unlock();
  return error;
}

static bool make_room(struct bp_named_pipe *pipe, size_t length) {
  if (length <= pipe->capacity) {
    return true;
  }
  size_t capacity = pipe->capacity ? pipe->capacity : SMALLEST_BUFFER;
  while (capacity < length) {
    capacity *= 2;
  }
  unsigned char *buffer = malloc(capacity);
  if (buffer) {
    bp_free_poisoned(pipe->buffer, pipe->capacity);
    pipe->buffer = buffer;
    pipe->capacity = capacity;
  }
  return buffer != NULL;
}

/* Copies what fits. Returns how many bytes that are; 0: no memory. */
static DWORD gather(struct bp_named_pipe *pipe, const struct bp_bytes *pieces, size_t count) {
  size_t total = 0;
  for (size_t i = 0; i < count && total < BP_PIPE_BUFFER_BYTES; i++) {
    const size_t room = BP_PIPE_BUFFER_BYTES - total;
    total += pieces[i].length < room ? pieces[i].length : room;
  }
  if (!make_room(pipe, total)) {
    return 0;
  }
  size_t copied = 0;
  for (size_t i = 0; copied < total; i++) {
    const size_t left = total - copied;
    const size_t length = pieces[i].length < left ? pieces[i].length : left;
    memcpy(pipe->buffer + copied, pieces[i].bytes, length);
    copied += length;
  }
  return (DWORD)total;
}

int64_t bp_named_pipe_writev(struct bp_named_pipe *pipe, const struct bp_bytes *pieces,
                             size_t count) {
  const int error = begin_writing(pipe);
  if (error) {
    return error;
  }
  DWORD outcome = ERROR_NOT_ENOUGH_MEMORY;
  const DWORD length = gather(pipe, pieces, count);
  if (length > 0) {
    outcome = bp_operation_begun(
        WriteFile(pipe->handle, pipe->buffer, length, NULL, bp_operation_prepare(&pipe->writing)));
  }
  if (outcome == ERROR_IO_PENDING) {
    return length;
  }
  bp_overlapped_lock();
  write_over(pipe, outcome);
  bp_overlapped_unlock();
  return outcome ? bp_error_of_windows(outcome) : (int64_t)length;
}

void bp_named_pipe_end(struct bp_named_pipe *pipe) {
  bp_overlapped_lock();
  pipe->is_ended = true;
  bp_overlapped_unlock();
}

/* ---- The pipe ---- */

int bp_named_pipe_new(HANDLE handle, bool is_server_end, struct bp_named_pipe **out) {
  struct bp_named_pipe *pipe = calloc(1, sizeof *pipe);
  if (!pipe) {
    return -ENOMEM;
  }
  pipe->has_read = CreateEventW(NULL, TRUE, FALSE, NULL);
  if (!pipe->has_read) {
    const int error = bp_error_of_windows(GetLastError());
    free(pipe);
    return error;
  }
  pipe->waitable = (struct bp_waitable){.look = look, .expect = expect};
  pipe->handle = handle;
  pipe->is_server_end = is_server_end;
  pipe->references = 1;
  pipe->expecting = (struct bp_operation){.over = expectation_over, .owner = pipe};
  pipe->writing = (struct bp_operation){.over = pending_write_over, .owner = pipe};
  *out = pipe;
  return 0;
}

struct bp_waitable *bp_named_pipe_waitable(struct bp_named_pipe *pipe) {
  return &pipe->waitable;
}

int64_t bp_named_pipe_peer(const struct bp_named_pipe *pipe) {
  ULONG pid = 0;
  const BOOL is_known = pipe->is_server_end ? GetNamedPipeClientProcessId(pipe->handle, &pid)
                                            : GetNamedPipeServerProcessId(pipe->handle, &pid);
  return is_known ? (int64_t)pid : bp_error_of_windows(GetLastError());
}
