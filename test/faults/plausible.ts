import type { How } from './Fault';

const NO_DESCRIPTOR: How[] = ['EMFILE', 'ENFILE'];
const NO_MEMORY: How[] = ['ENOBUFS', 'ENOMEM'];

/** What the manual pages of Linux name for each call, of what the addon cannot rule out by itself. */
export const plausible: Readonly<Record<string, readonly How[]>> = {
  // ECONNABORTED, EPROTO and EPERM: a client that went away, and a firewall.
  accept4: ['EAGAIN', 'EINTR', 'ECONNABORTED', 'EPROTO', 'EPERM', ...NO_DESCRIPTOR, ...NO_MEMORY],
  bind: ['EACCES', 'EADDRINUSE', 'EADDRNOTAVAIL', 'EROFS', 'ENOSPC', 'ENOMEM'],
  calloc: ['ENOMEM'],
  chmod: ['EPERM', 'EIO', 'EROFS', 'ENOENT'],
  close: ['EINTR', 'EIO'],
  connect: ['EACCES', 'EADDRNOTAVAIL', 'ECONNREFUSED', 'ENETUNREACH', 'ETIMEDOUT', 'late'],
  epoll_create1: [...NO_DESCRIPTOR, 'ENOMEM'],
  epoll_ctl_add: ['ENOMEM', 'ENOSPC', 'EPERM'],
  epoll_ctl_del: ['ENOMEM'],
  epoll_ctl_mod: ['ENOMEM'],
  epoll_wait: ['EINTR', 'late'],
  eventfd: [...NO_DESCRIPTOR, 'ENODEV', 'ENOMEM', 'ENOSYS'],
  fchmod: ['EPERM', 'EIO', 'EROFS'],
  fcntl: ['EPERM', 'EINTR'],
  flock: ['EINTR', 'ENOLCK', 'EWOULDBLOCK'],
  fstat: ['EACCES', 'ENOMEM'],
  getaddrinfo: ['EMFILE', 'ENOMEM'],
  getpeername: ['ENOBUFS', 'ENOTCONN'],
  getsockname: ['ENOBUFS'],
  getsockopt: ['ENOBUFS', 'ENOPROTOOPT'],
  // EAGAIN: it lacks memory. EBUSY: what is done is to be taken first.
  io_uring_enter: ['EAGAIN', 'EBUSY', 'EINTR', 'late'],
  io_uring_register: ['EINVAL', 'ENOMEM'],
  io_uring_setup: [...NO_DESCRIPTOR, 'ENOMEM', 'ENOSYS', 'EPERM'],
  ioctl: ['ENOTTY'],
  listen: ['EADDRINUSE'],
  lstat: ['EACCES', 'ENOENT', 'ENOMEM'],
  malloc: ['ENOMEM'],
  open: ['EACCES', 'EINTR', 'ENXIO', ...NO_DESCRIPTOR],
  pipe2: NO_DESCRIPTOR,
  poll: ['EAGAIN', 'EINTR', 'ENOMEM', 'late'],
  pthread_create: ['EAGAIN'],
  read: ['EAGAIN', 'EINTR', 'EIO', 'short', 'late'],
  realloc: ['ENOMEM'],
  realpath: ['EACCES', 'ENOMEM'],
  recv: ['EAGAIN', 'EINTR', 'ECONNRESET', 'ETIMEDOUT', 'ENOMEM', 'short', 'late'],
  recvmmsg: ['EAGAIN', 'EINTR', 'ECONNREFUSED', 'ECONNRESET', 'ENOMEM', 'short', 'late'],
  recvmsg: ['EAGAIN', 'EINTR', 'ECONNRESET', 'ENOMEM', 'short', 'late'],
  send: ['EAGAIN', 'EINTR', 'ECONNRESET', 'EPIPE', ...NO_MEMORY, 'short', 'late'],
  // EPERM: a firewall.
  sendmmsg: ['EAGAIN', 'EINTR', 'ECONNREFUSED', 'EPERM', ...NO_MEMORY, 'short', 'late'],
  sendmsg: [
    'EAGAIN',
    'EINTR',
    'ECONNRESET',
    'EPIPE',
    'ETOOMANYREFS',
    ...NO_MEMORY,
    'short',
    'late',
  ],
  // Only messages are sent by it, each as a whole.
  sendto: ['EAGAIN', 'EINTR', 'ECONNREFUSED', 'EPERM', ...NO_MEMORY, 'late'],
  setsockopt: ['EINVAL', 'ENOMEM', 'ENOPROTOOPT', 'EPERM'],
  shutdown: ['ENOBUFS', 'ENOTCONN'],
  socket: ['EACCES', 'EAFNOSUPPORT', ...NO_DESCRIPTOR, ...NO_MEMORY],
  socketpair: [...NO_DESCRIPTOR, 'ENOMEM'],
  unlink: ['EACCES', 'EROFS', 'ENOENT'],
  write: ['EAGAIN', 'EINTR', 'EIO', 'ENOSPC', 'EPIPE', 'short', 'late'],
  writev: ['EAGAIN', 'EINTR', 'EIO', 'ENOSPC', 'EPIPE', 'short', 'late'],
};

/** Of these a system may be out for a while; then nothing may spin meanwhile, nor stay broken afterwards. */
export const lasting: Readonly<Record<string, readonly How[]>> = {
  accept4: ['EMFILE', 'ENOBUFS', 'ENOMEM'],
  calloc: ['ENOMEM'],
  epoll_ctl_add: ['ENOMEM', 'ENOSPC'],
  epoll_ctl_mod: ['ENOMEM'],
  io_uring_enter: ['EAGAIN', 'EBUSY'],
  malloc: ['ENOMEM'],
  poll: ['EAGAIN', 'ENOMEM'],
  realloc: ['ENOMEM'],
  recv: ['ENOMEM'],
  recvmmsg: ['ENOMEM'],
  send: NO_MEMORY,
  sendmmsg: NO_MEMORY,
  sendmsg: NO_MEMORY,
  sendto: NO_MEMORY,
  shutdown: ['ENOBUFS'],
  socket: ['EMFILE'],
};
