/*
 * A test double of kqueue(2) over epoll, so that the kqueue backend runs on Linux. It is for tests
 * alone, and in no binary that is shipped: only the CMake option BIPOLL_KQUEUE_DOUBLE builds it,
 * together with the rest of the engine as systems other than Linux compile it.
 *
 * It shows that the backend's logic holds together, not how a kernel behaves. Where they differ:
 *
 * - Readiness is that of epoll, with Linux' sockets and pipes below. So EV_EOF of the write filter
 * comes when both sides are over, never because our own was shut down, as on the BSDs.
 * - fflags beside EV_EOF is ECONNRESET for any error: Linux tells which only to who takes it away.
 * - NOTE_LOWAT means "only the end", whatever the number. A full buffer does not show (macOS), nor
 * do pipes show bytes nonetheless (FreeBSD).
 * - EV_CLEAR of a read filter shows its end once, and never anything else.
 * - Regular files and directories are refused (EINVAL); the kernels watch files.
 * - A change that fails without room to report it ends the call, but those before it are made.
 * - Timeouts are in whole milliseconds, rounded up.
 * - A closed kqueue leaves its table behind until another gets its number.
 * - EVFILT_PROC knows NOTE_EXIT alone, and only makes its kqueue readable: nobody takes its event.
 * Only the last hundred or so are known.
 * - Filters and flags that the engine does not use are not there: EV_ENABLE, EV_ONESHOT, timers and
 * the rest.
 *
 * What it cannot show has tests with recorded events: test_kqueue.c.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/event.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

struct filter {
  bool is_there, is_clear, wants_end_only, was_shown;
  void *udata;
};

/* A descriptor in a kqueue, which epoll knows once. */
struct watched {
  struct filter read, write;
  unsigned seen_in; /* the last call that epoll reported it to; numbers begin with 1 */
};

struct queue {
  struct watched *by_fd;
  size_t capacity;
  struct filter user;
  unsigned calls;
};

/* The kqueues of the process by descriptor, and what guards them all. */
static struct queue *queues;
static size_t queue_capacity;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* Put into a kqueue's epoll while its user event is triggered. */
static int always_readable;

__attribute__((constructor)) static void open_always_readable(void) {
  always_readable = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
}

/* Both ends of a socket through which descriptors are on their way for ever. */
static int in_flight[2];

__attribute__((constructor)) static void open_in_flight(void) {
  (void)socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in_flight);
}

/* Makes room for an index in an array of zeros. */
static bool reserve(void **array, size_t *capacity, size_t size, size_t index) {
  if (index < *capacity) {
    return true;
  }
  const size_t grown = index * 2 + 16;
  char *bytes = realloc(*array, grown * size);
  if (!bytes) {
    return false;
  }
  memset(bytes + *capacity * size, 0, (grown - *capacity) * size);
  *array = bytes;
  *capacity = grown;
  return true;
}

int kqueue(void) {
  const int fd = epoll_create1(0);
  if (fd < 0) {
    return -1;
  }
  pthread_mutex_lock(&mutex);
  const bool has_room = reserve((void **)&queues, &queue_capacity, sizeof *queues, (size_t)fd);
  if (has_room) {
    free(queues[fd].by_fd); /* of one that was closed */
    queues[fd] = (struct queue){0};
  }
  pthread_mutex_unlock(&mutex);
  if (!has_room) {
    close(fd);
    errno = ENOMEM;
    return -1;
  }
  return fd;
}

/* ---- Changes ---- */

static uint32_t events_of(const struct watched *watched) {
  uint32_t events = 0;
  if (watched->read.is_there && !watched->read.was_shown) {
    events |= watched->read.wants_end_only ? EPOLLRDHUP : EPOLLIN | EPOLLRDHUP;
  }
  if (watched->write.is_there) {
    events |= EPOLLOUT;
  }
  return events;
}

/* Brings epoll in line with the filters of a descriptor. Returns an errno. */
static int update(int kqueue_fd, int fd, const struct watched *watched) {
  struct epoll_event event = {.events = events_of(watched), .data.fd = fd};
  const bool is_there = watched->read.is_there || watched->write.is_there;
  if (epoll_ctl(kqueue_fd, is_there ? EPOLL_CTL_MOD : EPOLL_CTL_DEL, fd, &event) == 0) {
    return 0;
  }
  if (errno == ENOENT && is_there && epoll_ctl(kqueue_fd, EPOLL_CTL_ADD, fd, &event) == 0) {
    return 0;
  }
  return errno == EPERM ? EINVAL : errno;
}

/* A filter goes when its descriptor is closed: what the table says of another with that number is
 * not so. */
static void forget_closed(int kqueue_fd, int fd, struct watched *watched) {
  struct epoll_event event = {.events = events_of(watched), .data.fd = fd};
  if ((watched->read.is_there || watched->write.is_there) &&
      epoll_ctl(kqueue_fd, EPOLL_CTL_MOD, fd, &event) < 0 && errno == ENOENT) {
    *watched = (struct watched){0};
  }
}

static int change_descriptor(int kqueue_fd, struct queue *queue, const struct kevent *change) {
  const int fd = (int)change->ident;
  if (fd < 0) {
    return EBADF;
  }
  if (!reserve((void **)&queue->by_fd, &queue->capacity, sizeof *queue->by_fd, (size_t)fd)) {
    return ENOMEM;
  }
  struct watched *watched = &queue->by_fd[fd];
  forget_closed(kqueue_fd, fd, watched);
  const struct watched before = *watched;
  struct filter *filter = change->filter == EVFILT_READ ? &watched->read : &watched->write;
  if (change->flags & EV_DELETE) {
    if (!filter->is_there) {
      return ENOENT;
    }
    *filter = (struct filter){0};
  } else if (change->flags & EV_ADD) {
    filter->is_clear = filter->is_there ? filter->is_clear : change->flags & EV_CLEAR;
    filter->is_there = true;
    filter->wants_end_only = change->fflags & NOTE_LOWAT;
  }
  filter->udata = change->udata;
  const int error = update(kqueue_fd, fd, watched);
  if (error) {
    *watched = before;
  }
  return error;
}

static int change_user(int kqueue_fd, struct queue *queue, const struct kevent *change) {
  if (change->flags & EV_ADD) {
    queue->user.is_there = true;
  }
  if (!queue->user.is_there) {
    return ENOENT;
  }
  queue->user.udata = change->udata;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = always_readable};
  if (change->fflags & NOTE_TRIGGER &&
      epoll_ctl(kqueue_fd, EPOLL_CTL_ADD, always_readable, &event) < 0 && errno != EEXIST) {
    return errno;
  }
  return 0;
}

/*
 * The process makes epoll readable as long as its pidfd exists, of which no table could tell when
 * its kqueue is closed: so it is on its way through a socket that nobody reads.
 */
static int add_process(int kqueue_fd, const struct kevent *change) {
  char byte = 0;
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control = {0};
  struct iovec piece = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
  struct epoll_event event = {.events = EPOLLIN, .data.fd = -1};
  const int fd = (int)syscall(SYS_pidfd_open, (pid_t)change->ident, 0);
  if (fd < 0) {
    return errno;
  }
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){
      .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  bool is_added = epoll_ctl(kqueue_fd, EPOLL_CTL_ADD, fd, &event) == 0;
  while (is_added && sendmsg(in_flight[0], &message, MSG_DONTWAIT) < 0) {
    /* To read the oldest without room for its descriptor closes that. */
    is_added = errno == EAGAIN && recv(in_flight[1], &byte, 1, MSG_DONTWAIT) == 1;
  }
  const int error = is_added ? 0 : errno;
  close(fd);
  return error;
}

static int change_one(int kqueue_fd, struct queue *queue, const struct kevent *change) {
  switch (change->filter) {
  case EVFILT_READ:
  case EVFILT_WRITE:
    return change_descriptor(kqueue_fd, queue, change);
  case EVFILT_USER:
    return change_user(kqueue_fd, queue, change);
  case EVFILT_PROC:
    return add_process(kqueue_fd, change);
  default:
    return EINVAL;
  }
}

/* ---- Events ---- */

static intptr_t unread_bytes(int fd) {
  int bytes = 0;
  return ioctl(fd, FIONREAD, &bytes) < 0 ? 1 : bytes; /* a listener: at least one is waiting */
}

static void show(struct kevent *out, int fd, short filter, const struct filter *of, bool has_ended,
                 bool has_failed) {
  *out = (struct kevent){.ident = (uintptr_t)fd, .filter = filter, .udata = of->udata};
  out->flags = (unsigned short)((of->is_clear ? EV_CLEAR : 0) | (has_ended ? EV_EOF : 0));
  out->fflags = has_failed ? ECONNRESET : 0;
  out->data = filter == EVFILT_READ ? unread_bytes(fd) : 1;
}

/* The events that one of epoll becomes: at most two. What finds no room stays ready. */
static int translate(int kqueue_fd, struct queue *queue, const struct epoll_event *event,
                     struct kevent *out, int room) {
  const int fd = event->data.fd;
  const uint32_t flags = event->events;
  const bool is_over = flags & (EPOLLHUP | EPOLLERR);
  int count = 0;
  if (fd == always_readable) {
    (void)epoll_ctl(kqueue_fd, EPOLL_CTL_DEL, fd, NULL); /* EV_CLEAR */
    *out = (struct kevent){.filter = EVFILT_USER, .flags = EV_CLEAR, .udata = queue->user.udata};
    return 1;
  }
  struct watched *watched = &queue->by_fd[fd];
  struct filter *reader = &watched->read;
  const bool has_ended = flags & EPOLLRDHUP || is_over;
  if (reader->is_there && !reader->was_shown && (flags & EPOLLIN || has_ended)) {
    show(&out[count++], fd, EVFILT_READ, reader, has_ended, flags & EPOLLERR);
    if (reader->is_clear) {
      reader->was_shown = true;
      (void)update(kqueue_fd, fd, watched);
    }
  }
  if (count < room && watched->write.is_there && (flags & EPOLLOUT || is_over)) {
    show(&out[count++], fd, EVFILT_WRITE, &watched->write, is_over, flags & EPOLLERR);
  }
  return count;
}

static int milliseconds(const struct timespec *timeout) {
  return timeout ? (int)(timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000) : -1;
}

/* Whether epoll has reported a descriptor to this call already: its turn has come round. */
static bool has_come_round(struct queue *queue, int fd) {
  if (fd == always_readable) {
    return false; /* its report takes it out */
  }
  struct watched *watched = &queue->by_fd[fd];
  const bool is_again = watched->seen_in == queue->calls;
  watched->seen_in = queue->calls;
  return is_again;
}

/* One descriptor after the other, so that epoll's turns go on where there was no more room. A
 * descriptor that failed is reported for ever, though no filter may have anything to show. */
static int wait_for_events(int kqueue_fd, struct kevent *events, int room,
                           const struct timespec *timeout) {
  struct epoll_event found;
  int wait_ms = milliseconds(timeout);
  int count = 0;
  bool is_over = false;
  pthread_mutex_lock(&mutex);
  queues[kqueue_fd].calls++;
  pthread_mutex_unlock(&mutex);
  while (count < room && !is_over) {
    const int got = epoll_wait(kqueue_fd, &found, 1, wait_ms);
    if (got < 0 && count == 0) {
      return -1;
    }
    if (got <= 0) {
      break;
    }
    pthread_mutex_lock(&mutex);
    struct queue *queue = &queues[kqueue_fd];
    is_over = has_come_round(queue, found.data.fd);
    if (!is_over) {
      count += translate(kqueue_fd, queue, &found, &events[count], room - count);
    }
    pthread_mutex_unlock(&mutex);
    wait_ms = 0;
  }
  return count;
}

int kevent(int kqueue_fd, const struct kevent *changes, int change_count, struct kevent *events,
           int event_count, const struct timespec *timeout) {
  int reported = 0;
  pthread_mutex_lock(&mutex);
  if (kqueue_fd < 0 || (size_t)kqueue_fd >= queue_capacity) {
    pthread_mutex_unlock(&mutex);
    errno = EBADF;
    return -1;
  }
  for (int i = 0; i < change_count; i++) {
    struct kevent change = changes[i]; /* the two arrays may be one */
    const int error = change_one(kqueue_fd, &queues[kqueue_fd], &change);
    if ((error || change.flags & EV_RECEIPT) && reported < event_count) {
      change.flags = EV_ERROR;
      change.data = error;
      events[reported++] = change;
    } else if (error) {
      pthread_mutex_unlock(&mutex);
      errno = error;
      return -1;
    }
  }
  pthread_mutex_unlock(&mutex);
  return reported || event_count == 0 ? reported
                                      : wait_for_events(kqueue_fd, events, event_count, timeout);
}
