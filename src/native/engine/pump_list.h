/* The pumps that a system has beside the one over readiness: pump_list.c of posix/ or windows/. */
#ifndef BIPOLL_PUMP_LIST_H
#define BIPOLL_PUMP_LIST_H

#include "pump.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Each has a name, by which alone it is chosen. NULL at the end. */
extern const struct bp_pump_ops *const bp_pump_list[];

#ifdef __cplusplus
}
#endif

#endif
