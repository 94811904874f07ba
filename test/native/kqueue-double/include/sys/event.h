/*
 * A test double of kqueue(2), over epoll: see kqueue_double.c. Names and meanings are those that
 * the BSDs and macOS share; the numbers are our own.
 */
#ifndef KQUEUE_DOUBLE_SYS_EVENT_H
#define KQUEUE_DOUBLE_SYS_EVENT_H

#include <stdint.h>
#include <time.h>

struct kevent {
  uintptr_t ident;
  short filter;
  unsigned short flags;
  unsigned int fflags;
  intptr_t data;
  void *udata;
};

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_PROC (-5)
#define EVFILT_USER (-11)

#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_CLEAR 0x0020
#define EV_RECEIPT 0x0040
#define EV_ERROR 0x4000
#define EV_EOF 0x8000

#define NOTE_LOWAT 0x00000001
#define NOTE_TRIGGER 0x01000000
#define NOTE_EXIT 0x80000000U

#define EV_SET(event, ident_, filter_, flags_, fflags_, data_, udata_)                             \
  (*(event) = (struct kevent){.ident = (uintptr_t)(ident_),                                        \
                              .filter = (filter_),                                                 \
                              .flags = (unsigned short)(flags_),                                   \
                              .fflags = (fflags_),                                                 \
                              .data = (data_),                                                     \
                              .udata = (udata_)})

int kqueue(void);
int kevent(int kqueue_fd, const struct kevent *changes, int change_count, struct kevent *events,
           int event_count, const struct timespec *timeout);

#endif
