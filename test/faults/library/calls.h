/* The calls of the C library that can be made to fail, and what a fault calls them. */
#ifndef BIPOLL_FAULTS_CALLS_H
#define BIPOLL_FAULTS_CALLS_H

#define CALLS(X)                                                                                   \
  X(ACCEPT4, "accept4")                                                                            \
  X(BIND, "bind")                                                                                  \
  X(CALLOC, "calloc")                                                                              \
  X(CHMOD, "chmod")                                                                                \
  X(CLOSE, "close")                                                                                \
  X(CONNECT, "connect")                                                                            \
  X(EPOLL_ADD, "epoll_ctl_add")                                                                    \
  X(EPOLL_CREATE1, "epoll_create1")                                                                \
  X(EPOLL_DEL, "epoll_ctl_del")                                                                    \
  X(EPOLL_MOD, "epoll_ctl_mod")                                                                    \
  X(EPOLL_WAIT, "epoll_wait")                                                                      \
  X(EVENTFD, "eventfd")                                                                            \
  X(FCHMOD, "fchmod")                                                                              \
  X(FCNTL, "fcntl")                                                                                \
  X(FLOCK, "flock")                                                                                \
  X(FSTAT, "fstat")                                                                                \
  X(GETADDRINFO, "getaddrinfo")                                                                    \
  X(GETPEERNAME, "getpeername")                                                                    \
  X(GETSOCKNAME, "getsockname")                                                                    \
  X(GETSOCKOPT, "getsockopt")                                                                      \
  X(IO_URING_ENTER, "io_uring_enter")                                                              \
  X(IO_URING_REGISTER, "io_uring_register")                                                        \
  X(IO_URING_SETUP, "io_uring_setup")                                                              \
  X(IOCTL, "ioctl")                                                                                \
  X(LISTEN, "listen")                                                                              \
  X(LSTAT, "lstat")                                                                                \
  X(MALLOC, "malloc")                                                                              \
  X(OPEN, "open")                                                                                  \
  X(PIPE2, "pipe2")                                                                                \
  X(POLL, "poll")                                                                                  \
  X(PTHREAD_CREATE, "pthread_create")                                                              \
  X(READ, "read")                                                                                  \
  X(REALLOC, "realloc")                                                                            \
  X(REALPATH, "realpath")                                                                          \
  X(RECV, "recv")                                                                                  \
  X(RECVMMSG, "recvmmsg")                                                                          \
  X(RECVMSG, "recvmsg")                                                                            \
  X(SEND, "send")                                                                                  \
  X(SENDMMSG, "sendmmsg")                                                                          \
  X(SENDMSG, "sendmsg")                                                                            \
  X(SENDTO, "sendto")                                                                              \
  X(SETSOCKOPT, "setsockopt")                                                                      \
  X(SHUTDOWN, "shutdown")                                                                          \
  X(SOCKET, "socket")                                                                              \
  X(SOCKETPAIR, "socketpair")                                                                      \
  X(UNLINK, "unlink")                                                                              \
  X(WRITE, "write")                                                                                \
  X(WRITEV, "writev")

#define CALL_CONSTANT(constant, name) constant,
enum call { CALLS(CALL_CONSTANT) CALL_COUNT, NO_CALL = CALL_COUNT };
#undef CALL_CONSTANT

#endif
