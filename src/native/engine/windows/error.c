#include "error_text.h"

#include "net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As libuv maps them, but in the numbers of the C library. */
int bp_error_of_windows(unsigned long code) {
  switch (code) {
  case ERROR_SUCCESS:
    return 0;
  case ERROR_ACCESS_DENIED:
  case ERROR_SHARING_VIOLATION:
  case WSAEACCES:
    return -EACCES;
  case ERROR_ADDRESS_ALREADY_ASSOCIATED:
  case WSAEADDRINUSE:
    return -EADDRINUSE;
  case WSAEADDRNOTAVAIL:
    return -EADDRNOTAVAIL;
  case WSAEAFNOSUPPORT:
    return -EAFNOSUPPORT;
  case ERROR_NO_DATA:
  case ERROR_BROKEN_PIPE:
  case ERROR_BAD_PIPE:
  case ERROR_PIPE_NOT_CONNECTED:
  case WSAESHUTDOWN:
    return -EPIPE;
  case ERROR_PIPE_BUSY:
    return -EBUSY;
  case WSAEWOULDBLOCK:
    return -EAGAIN;
  case WSAEALREADY:
    return -EALREADY;
  case ERROR_INVALID_HANDLE:
  case WSAEBADF:
  case WSAENOTSOCK: /* which is said of one that was closed: no number here was anything else */
    return -EBADF;
  case ERROR_OPERATION_ABORTED:
  case WSAEINTR:
    return -EINTR;
  case ERROR_CONNECTION_ABORTED:
  case ERROR_NETNAME_DELETED:
  case WSAECONNABORTED:
  case WSAECONNRESET:
  case WSAENETRESET:
    return -ECONNRESET;
  case ERROR_CONNECTION_REFUSED:
  case WSAECONNREFUSED:
    return -ECONNREFUSED;
  case WSAEDESTADDRREQ:
    return -EDESTADDRREQ;
  case WSAEFAULT:
    return -EFAULT;
  case ERROR_HOST_UNREACHABLE:
  case WSAEHOSTUNREACH:
    return -EHOSTUNREACH;
  case WSAEINPROGRESS:
    return -EINPROGRESS;
  case WSAEISCONN:
    return -EISCONN;
  case ERROR_TOO_MANY_OPEN_FILES:
  case WSAEMFILE:
    return -EMFILE;
  case WSAEMSGSIZE:
    return -EMSGSIZE;
  case ERROR_FILENAME_EXCED_RANGE:
  case WSAENAMETOOLONG:
    return -ENAMETOOLONG;
  case ERROR_NETWORK_UNREACHABLE:
  case WSAENETUNREACH:
    return -ENETUNREACH;
  case WSAENETDOWN:
    return -ENETDOWN;
  case ERROR_NO_SYSTEM_RESOURCES:
  case WSAENOBUFS:
    return -ENOBUFS;
  case ERROR_FILE_NOT_FOUND:
  case ERROR_PATH_NOT_FOUND:
  case ERROR_BAD_PATHNAME:
  case ERROR_INVALID_NAME:
    return -ENOENT;
  case ERROR_NOT_ENOUGH_MEMORY:
  case ERROR_OUTOFMEMORY:
    return -ENOMEM;
  case WSAENOPROTOOPT:
    return -ENOPROTOOPT;
  case WSAENOTCONN:
    return -ENOTCONN;
  case ERROR_NOT_SUPPORTED:
  case ERROR_CALL_NOT_IMPLEMENTED:
  case WSAEOPNOTSUPP:
    return -ENOTSUP;
  case ERROR_PRIVILEGE_NOT_HELD:
    return -EPERM;
  case WSAEPROTONOSUPPORT:
    return -EPROTONOSUPPORT;
  case WSAEPROTOTYPE:
    return -EPROTOTYPE;
  case ERROR_SEM_TIMEOUT:
  case WAIT_TIMEOUT:
  case WSAETIMEDOUT:
    return -ETIMEDOUT;
  case ERROR_INVALID_PARAMETER:
  case WSAEINVAL:
    return -EINVAL;
  default:
    return -EIO;
  }
}

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

void bp_error_describe(int number, char *text, size_t capacity) {
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
