/* The threads, mutexes and conditions that the engine needs: those of POSIX, or those of Windows.
 * */
#ifndef BIPOLL_THREAD_H
#define BIPOLL_THREAD_H

#include "deadline.h"
#include "thread_types.h" /* of posix/ or windows/: bp_mutex, bp_condition and bp_thread */

#ifdef __cplusplus
extern "C" {
#endif

/* Not recursive. */
void bp_mutex_init(bp_mutex *mutex);
void bp_mutex_destroy(bp_mutex *mutex);
void bp_mutex_lock(bp_mutex *mutex);
void bp_mutex_unlock(bp_mutex *mutex);

void bp_condition_init(bp_condition *condition);
void bp_condition_destroy(bp_condition *condition);
void bp_condition_signal(bp_condition *condition);
/* Releases the mutex while it waits. 0, also after a spurious wake-up, or -ETIMEDOUT. */
int bp_condition_wait(bp_condition *condition, bp_mutex *mutex, bp_deadline_ns deadline);

/* Starts a thread, which is to be joined or detached. */
int bp_thread_open(bp_thread *out, void (*run)(void *argument), void *argument);
void bp_thread_join(bp_thread thread);
void bp_thread_detach(bp_thread thread);

#ifdef __cplusplus
}
#endif

#endif
