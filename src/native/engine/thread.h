/* What the engine needs of threads: on POSIX systems theirs, on Windows its own. */
#ifndef BIPOLL_THREAD_H
#define BIPOLL_THREAD_H

#include "deadline.h"
#include "thread_types.h" /* of posix/ or windows/: bp_mutex and bp_condition */

/* Not recursive. */
void bp_mutex_init(bp_mutex *mutex);
void bp_mutex_destroy(bp_mutex *mutex);
void bp_mutex_lock(bp_mutex *mutex);
void bp_mutex_unlock(bp_mutex *mutex);

void bp_condition_init(bp_condition *condition);
void bp_condition_destroy(bp_condition *condition);
void bp_condition_signal(bp_condition *condition);
/* Gives the mutex back meanwhile. 0, perhaps for no reason, or -ETIMEDOUT. */
int bp_condition_wait(bp_condition *condition, bp_mutex *mutex, bp_deadline_ns deadline);

/* Starts one that nobody waits for. */
int bp_thread_start(void (*run)(void *argument), void *argument);

#endif
