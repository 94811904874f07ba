#include "error_text.h"

#include <errno.h>
#include <limits.h>

#define NAME(error)                                                                                \
  case -(error):                                                                                   \
    return #error

const char *bp_error_name(int error) {
  switch (error) {
    NAME(EACCES);
    NAME(EADDRINUSE);
    NAME(EADDRNOTAVAIL);
    NAME(EAFNOSUPPORT);
    NAME(EAGAIN);
    NAME(EALREADY);
    NAME(EBADF);
    NAME(EBUSY);
    NAME(ECHILD);
    NAME(ECONNABORTED);
    NAME(ECONNREFUSED);
    NAME(ECONNRESET);
    NAME(EDESTADDRREQ);
    NAME(EEXIST);
    NAME(EFAULT);
#ifdef EHOSTDOWN
    NAME(EHOSTDOWN);
#endif
    NAME(EHOSTUNREACH);
    NAME(EINPROGRESS);
    NAME(EINTR);
    NAME(EINVAL);
    NAME(EIO);
    NAME(EISCONN);
    NAME(EISDIR);
    NAME(ELOOP);
    NAME(EMFILE);
    NAME(EMSGSIZE);
    NAME(ENAMETOOLONG);
    NAME(ENETDOWN);
    NAME(ENETRESET);
    NAME(ENETUNREACH);
    NAME(ENFILE);
    NAME(ENOBUFS);
    NAME(ENODEV);
    NAME(ENOENT);
    NAME(ENOLCK);
    NAME(ENOMEM);
    NAME(ENOPROTOOPT);
    NAME(ENOSPC);
    NAME(ENOSYS);
    NAME(ENOTCONN);
    NAME(ENOTDIR);
    NAME(ENOTSOCK);
    NAME(ENOTSUP);
    NAME(ENOTTY);
    NAME(ENXIO);
#if EOPNOTSUPP != ENOTSUP
    NAME(EOPNOTSUPP);
#endif
    NAME(EPERM);
    NAME(EPIPE);
    NAME(EPROTO);
    NAME(EPROTONOSUPPORT);
    NAME(EPROTOTYPE);
    NAME(EROFS);
#ifdef ESHUTDOWN
    NAME(ESHUTDOWN);
#endif
    NAME(ESPIPE);
    NAME(ESRCH);
    NAME(ETIMEDOUT);
#ifdef ETOOMANYREFS
    NAME(ETOOMANYREFS);
#endif
    NAME(EXDEV);
  default:
    return "UNKNOWN";
  }
}

const char *bp_error_message(int error, char *text, size_t capacity) {
  bp_error_describe(error == INT_MIN ? 0 : -error, text, capacity);
  return text;
}
