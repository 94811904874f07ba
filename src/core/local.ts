import { checkInteger, type OptionNames, optionsOf } from './argument';
import { orThrow, socketError, staleSocket } from './errors';
import { LocalServer } from './LocalServer';
import { LocalStream } from './LocalStream';
import { pathBytes } from './localPath';
import { native, STALE } from './native';
import {
  checkSocketFileOptions,
  SOCKET_FILE_OPTIONS,
  type SocketFileOptions,
} from './socketFileOptions';
import { removeAtExit } from './socketFiles';
import { DEFAULT_BACKLOG } from './tcp';

const MAX_INT = 2 ** 31 - 1;

/** @see listenLocal */
export interface ListenLocalOptions extends SocketFileOptions {
  /**
   * Where to make the socket file; on Linux a leading NUL makes it an abstract name instead. On Windows the name of a
   * pipe, such as `\\\\.\\pipe\\app`.
   */
  path: string;
  /** How many connections may wait to be accepted; 511 by default. */
  backlog?: number;
}

export const LISTEN_LOCAL_OPTIONS: OptionNames<ListenLocalOptions> = {
  ...SOCKET_FILE_OPTIONS,
  path: true,
  backlog: true,
};

/**
 * Listens for local connections at a path.
 *
 * @throws StaleSocketError the path is held by a socket file that nobody serves any more
 * @throws SocketError `EADDRINUSE`: the path is taken; `ENAMETOOLONG`: it is never truncated; `ENOENT`,
 *   `EACCES`: its directory; `ENOTSUP`: no abstract names here
 * @example
 * using server = listenLocal({ path: '/run/user/1000/app.sock', replaceStale: true });
 */
export function listenLocal(options: ListenLocalOptions): LocalServer {
  return localBinder(optionsOf('options', options, LISTEN_LOCAL_OPTIONS))();
}

/** Checks options that were read. @returns what listens */
export function localBinder(options: ListenLocalOptions): () => LocalServer {
  const { path } = options;
  const bytes = pathBytes('path', path);
  const backlog = checkInteger('backlog', options.backlog ?? DEFAULT_BACKLOG, 0, MAX_INT);
  const file = checkSocketFileOptions(options);
  const [, deleteOnClose] = file;
  return () => {
    const token = native.listenLocal(bytes, backlog, ...file);
    if (token === STALE) throw staleSocket('listen', path);
    const server = new LocalServer(orThrow(token, 'listen', { path }), path);
    if (deleteOnClose) removeAtExit(server);
    return server;
  };
}

/**
 * Connects to a local server. Usually it is connected on return. If the server's backlog is full, the stream is not
 * determined yet, and each later poll or predicate tries again.
 *
 * @throws SocketError `ENOENT`: there is no such path; `ECONNREFUSED`: nobody serves it; `EACCES`
 *
 * @example
 * using stream = connectLocal({ path: '/run/user/1000/app.sock' });
 */
export function connectLocal(options: { path: string }): LocalStream {
  return localConnector(optionsOf('options', options, { path: true }))();
}

/** Checks options that were read. @returns what begins to connect */
export function localConnector({ path }: { path: string }): () => LocalStream {
  const bytes = pathBytes('path', path);
  return () => new LocalStream(orThrow(native.connectLocal(bytes), 'connect', { path }), path);
}

/**
 * Two connected streams, for instance one for each of two threads, or for a child process.
 *
 * @throws SocketError `EMFILE` and the like
 *
 * @example
 * const [ours, theirs] = socketPair();
 */
export function socketPair(): [LocalStream, LocalStream] {
  const pair = native.socketPair();
  if (typeof pair === 'number') throw socketError(pair, 'socketpair');
  return [new LocalStream(pair[0], ''), new LocalStream(pair[1], '')];
}
