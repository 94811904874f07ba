/* Descriptors that are close-on-exec, non-blocking and raise no SIGPIPE from the start. */
#ifndef BIPOLL_DESCRIPTOR_H
#define BIPOLL_DESCRIPTOR_H

#ifdef __cplusplus
extern "C" {
#endif

/* Each returns 0 or a negated errno, and leaves nothing open on an error. */
int bp_descriptor_socket(int family, int type, int *fd);
int bp_descriptor_socket_pair(int fds[2]);
/* Never waits, whatever the flags of the listener are. */
int bp_descriptor_accept(int listener, int *fd);
int bp_descriptor_pipe(int fds[2]);
/* Returns another one of the same open file description, or a negated errno. */
int bp_descriptor_duplicate(int fd);
void bp_descriptor_close(int fd);
int bp_descriptor_set_non_blocking(int fd);
int bp_descriptor_set_close_on_exec(int fd);

/* How it was opened: O_RDONLY, O_WRONLY or O_RDWR, which are 0, 1 and 2; or a negated errno. */
int bp_descriptor_access(int fd);

/* Of a socket from elsewhere, where no flag of send(2) does it. */
void bp_descriptor_refuse_sigpipe(int fd);

#ifdef __cplusplus
}
#endif

#endif
