/* Descriptors that tell of the exit of a process without waiting for it as its parent does. */
#ifndef BIPOLL_EXIT_DESCRIPTOR_H
#define BIPOLL_EXIT_DESCRIPTOR_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/wait.h>

/*
 * Opens a descriptor that is readable from the moment the process has exited. -ESRCH: there is no
 * such process, or it has exited. -ENOTSUP, -ENOSYS, or -EPERM in a sandbox: the system has none.
 */
int bp_exit_descriptor_open(pid_t pid, int *fd);

/* Whether the system has them. */
bool bp_exit_descriptor_exists(void);

/* As waitid(), for the process that the descriptor stands for; -1: there is none, so pid counts. */
int bp_exit_descriptor_wait(int fd, pid_t pid, siginfo_t *info, int options);

#endif
