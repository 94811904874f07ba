/* What thread.h is made of here: POSIX threads. */
#ifndef BIPOLL_THREAD_TYPES_H
#define BIPOLL_THREAD_TYPES_H

#include <pthread.h>

typedef pthread_mutex_t bp_mutex;
typedef pthread_cond_t bp_condition;
typedef pthread_t bp_thread;
#define BP_MUTEX_INITIALIZER PTHREAD_MUTEX_INITIALIZER

#endif
