/* How a case gets a process of its own, and what is left open in it: as each system does that. */
#ifndef BIPOLL_CHECK_PROCESS_H
#define BIPOLL_CHECK_PROCESS_H

#include "check.h"

#define CASE_LIMIT_S 240

/* How many more may be open at the end than at first: Windows keeps a handle of a lock that
 * somebody had to wait for. */
#ifdef _WIN32
#define LEFT_OPEN_MOST 2
#else
#define LEFT_OPEN_MOST 0
#endif

/* Runs a case to its end in a process of its own. Returns its exit code; negative if it was ended
 * otherwise. */
int check_run_apart(const struct check_case *each, const char *backend);
/* What such a negative code means. */
const char *check_reason(int code);

/* Runs a case here, and ends the process. */
_Noreturn void check_run_here(const struct check_case *each, const char *backend);

/* If this process was started to run one case: does so, and does not return. */
void check_answer_call(int argc, char **argv, const struct check_case *cases, size_t count);

/* Before a case counts what is open. */
void check_prepare(void);
void check_pause(void);

#endif
