/* The backends that a system has: backend_list.c of posix/ or windows/, which has bp_backends()
 * too. */
#ifndef BIPOLL_BACKEND_LIST_H
#define BIPOLL_BACKEND_LIST_H

#include "backend.h"

/* The best first, NULL at the end. */
extern const struct bp_backend_ops *const bp_backend_list[];

#endif
