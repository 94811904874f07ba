/* What thread.h is made of here. */
#ifndef BIPOLL_THREAD_TYPES_H
#define BIPOLL_THREAD_TYPES_H

#include <windows.h>

typedef SRWLOCK bp_mutex;
typedef CONDITION_VARIABLE bp_condition;
typedef HANDLE bp_thread;
#define BP_MUTEX_INITIALIZER SRWLOCK_INIT

#endif
