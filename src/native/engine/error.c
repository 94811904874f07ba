#include "engine.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

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
    NAME(ETIMEDOUT);
#ifdef ETOOMANYREFS
    NAME(ETOOMANYREFS);
#endif
    NAME(EXDEV);
  default:
    return "UNKNOWN";
  }
}

#ifdef _WIN32

struct text {
  int number;
  const char *text;
};

/* Of the numbers that are beyond the C library's own, whose strerror knows nothing of them. */
static const struct text texts[] = {
    {EADDRINUSE, "Address already in use"},
    {EADDRNOTAVAIL, "Cannot assign requested address"},
    {EAFNOSUPPORT, "Address family not supported by protocol"},
    {EALREADY, "Operation already in progress"},
    {ECONNABORTED, "Software caused connection abort"},
    {ECONNREFUSED, "Connection refused"},
    {ECONNRESET, "Connection reset by peer"},
    {EDESTADDRREQ, "Destination address required"},
    {EHOSTUNREACH, "No route to host"},
    {EINPROGRESS, "Operation now in progress"},
    {EISCONN, "Transport endpoint is already connected"},
    {ELOOP, "Too many levels of symbolic links"},
    {EMSGSIZE, "Message too long"},
    {ENETDOWN, "Network is down"},
    {ENETRESET, "Network dropped connection on reset"},
    {ENETUNREACH, "Network is unreachable"},
    {ENOBUFS, "No buffer space available"},
    {ENOPROTOOPT, "Protocol not available"},
    {ENOTCONN, "Transport endpoint is not connected"},
    {ENOTSOCK, "Socket operation on non-socket"},
    {ENOTSUP, "Operation not supported"},
    {EPROTO, "Protocol error"},
    {EPROTONOSUPPORT, "Protocol not supported"},
    {EPROTOTYPE, "Protocol wrong type for socket"},
    {ETIMEDOUT, "Connection timed out"},
};

static void describe(int number, char *text, size_t capacity) {
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    if (texts[i].number == number) {
      (void)snprintf(text, capacity, "%s", texts[i].text);
      return;
    }
  }
  if (strerror_s(text, capacity, number) != 0) {
    (void)snprintf(text, capacity, "error %d", number);
  }
}

#elif defined(__GLIBC__) && defined(_GNU_SOURCE)

static void describe(int number, char *text, size_t capacity) {
  /* GNU's returns the text, which need not be in the buffer. */
  char buffer[128];
  (void)snprintf(text, capacity, "%s", strerror_r(number, buffer, sizeof buffer));
}

#else

static void describe(int number, char *text, size_t capacity) {
  if (strerror_r(number, text, capacity) != 0) {
    (void)snprintf(text, capacity, "error %d", number);
  }
}

#endif

const char *bp_error_message(int error, char *text, size_t capacity) {
  describe(error == INT_MIN ? 0 : -error, text, capacity);
  return text;
}
