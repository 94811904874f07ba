/* What the wrappers of calls ask: whether this one is to fail, and how. */
#ifndef BIPOLL_FAULTS_H
#define BIPOLL_FAULTS_H

#include "calls.h"

#include <dlfcn.h>
#include <stdbool.h>

enum fault {
  NO_FAULT,   /* also if the call was delayed, which is over then */
  FAILURE,    /* errno says why */
  SHORT_COUNT /* it is to transfer one byte */
};

/* What becomes of this call, which returns to that place. */
enum fault bp_fault_of(enum call call, const void *place);

/* The same for calls that other threads of the process may make at any moment. */
enum fault bp_fault_of_armer(enum call call, const void *place);

/* Whether the fault is still to come: the calls from now on are counted for it. */
bool bp_fault_is_armed(enum call call);

bool bp_is_in_addon(const void *place);

#define FAULT(call) bp_fault_of(call, __builtin_return_address(0))

/* The function that this one stands before. */
#define NEXT(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

/* Makes a definition seen by the programs that load this library. */
#define WRAPPER __attribute__((visibility("default")))

#endif
