#include "thread.h"

#include "net.h"

#include <errno.h>
#include <stdlib.h>

void bp_mutex_init(bp_mutex *mutex) {
  InitializeSRWLock(mutex);
}

/* A lock of Windows needs no destruction. */
void bp_mutex_destroy(bp_mutex *mutex) {
  (void)mutex;
}

void bp_mutex_lock(bp_mutex *mutex) {
  AcquireSRWLockExclusive(mutex);
}

void bp_mutex_unlock(bp_mutex *mutex) {
  ReleaseSRWLockExclusive(mutex);
}

/* ---- Conditions ---- */

void bp_condition_init(bp_condition *condition) {
  InitializeConditionVariable(condition);
}

/* Nor does a condition variable. */
void bp_condition_destroy(bp_condition *condition) {
  (void)condition;
}

void bp_condition_signal(bp_condition *condition) {
  WakeConditionVariable(condition);
}

int bp_condition_wait(bp_condition *condition, bp_mutex *mutex, bp_deadline_ns deadline) {
  const int left_ms = bp_deadline_left_ms(deadline);
  (void)SleepConditionVariableSRW(condition, mutex, left_ms < 0 ? INFINITE : (DWORD)left_ms, 0);
  return bp_deadline_passed(deadline) ? -ETIMEDOUT : 0;
}

/* ---- Threads ---- */

struct start {
  void (*run)(void *argument);
  void *argument;
};

static DWORD WINAPI begin(void *argument) {
  const struct start start = *(struct start *)argument;
  free(argument);
  start.run(start.argument);
  return 0;
}

/*
 * Node.js unloads an addon that only a worker has loaded when that ends, and a thread may be in it
 * for longer: one that looks up a name, or that serves all pipes.
 */
static void keep_loaded(void) {
  static HMODULE kept; /* lies in the library */
  (void)GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                           (LPCWSTR)(void *)&kept, &kept);
}

int bp_thread_open(bp_thread *out, void (*run)(void *argument), void *argument) {
  struct start *start = malloc(sizeof *start);
  if (!start) {
    return -ENOMEM;
  }
  *start = (struct start){.run = run, .argument = argument};
  keep_loaded();
  *out = CreateThread(NULL, 0, begin, start, 0, NULL);
  if (!*out) {
    const int error = bp_error_of_windows(GetLastError());
    free(start);
    return error;
  }
  return 0;
}

void bp_thread_join(bp_thread thread) {
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
}

void bp_thread_detach(bp_thread thread) {
  CloseHandle(thread);
}
