#include "thread.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

void bp_mutex_init(bp_mutex *mutex) {
  pthread_mutex_init(mutex, NULL);
}

void bp_mutex_destroy(bp_mutex *mutex) {
  pthread_mutex_destroy(mutex);
}

void bp_mutex_lock(bp_mutex *mutex) {
  pthread_mutex_lock(mutex);
}

void bp_mutex_unlock(bp_mutex *mutex) {
  pthread_mutex_unlock(mutex);
}

/* ---- Conditions ---- */

#ifdef __APPLE__

/* The conditions of macOS know only a clock that can be set, but can wait for a duration. */
void bp_condition_init(bp_condition *condition) {
  pthread_cond_init(condition, NULL);
}

static int wait_until(bp_condition *condition, bp_mutex *mutex, bp_deadline_ns deadline) {
  struct timespec left;
  return pthread_cond_timedwait_relative_np(condition, mutex, bp_deadline_left(deadline, &left));
}

#else

void bp_condition_init(bp_condition *condition) {
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &monotonic);
  pthread_condattr_destroy(&monotonic);
}

static int wait_until(bp_condition *condition, bp_mutex *mutex, bp_deadline_ns deadline) {
  const struct timespec until = {.tv_sec = deadline / (1000 * BP_NS_PER_MS),
                                 .tv_nsec = (long)(deadline % (1000 * BP_NS_PER_MS))};
  return pthread_cond_timedwait(condition, mutex, &until);
}

#endif

void bp_condition_destroy(bp_condition *condition) {
  pthread_cond_destroy(condition);
}

void bp_condition_signal(bp_condition *condition) {
  pthread_cond_signal(condition);
}

int bp_condition_wait(bp_condition *condition, bp_mutex *mutex, bp_deadline_ns deadline) {
  return deadline == BP_FOREVER ? -pthread_cond_wait(condition, mutex)
                                : -wait_until(condition, mutex, deadline);
}

/* ---- Threads ---- */

struct start {
  void (*run)(void *argument);
  void *argument;
};

static void *begin(void *argument) {
  const struct start start = *(struct start *)argument;
  free(argument);
  start.run(start.argument);
  return NULL;
}

int bp_thread_open(bp_thread *out, void (*run)(void *argument), void *argument) {
  struct start *start = malloc(sizeof *start);
  if (!start) {
    return -ENOMEM;
  }
  *start = (struct start){.run = run, .argument = argument};
  const int error = pthread_create(out, NULL, begin, start);
  if (error) {
    free(start);
  }
  return -error;
}

void bp_thread_join(bp_thread thread) {
  pthread_join(thread, NULL);
}

void bp_thread_detach(bp_thread thread) {
  pthread_detach(thread);
}
