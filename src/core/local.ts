import {
  checkBoolean,
  checkInteger,
  checkString,
  invalidValue,
  type OptionNames,
  optionsOf,
} from './argument';
import { errorOfCode, orThrow, socketError, StaleSocketError } from './errors';
import { LocalServer } from './LocalServer';
import { LocalStream } from './LocalStream';
import { native, STALE } from './native';
import { removeAtExit } from './socketFiles';
import { DEFAULT_BACKLOG } from './tcp';

const MAX_INT = 2 ** 31 - 1;
const MAX_MODE = 0o777;

/** @see listenLocal */
export interface ListenLocalOptions {
  /**
   * Where to make the socket file; on Linux a leading NUL makes it an abstract name instead. On Windows the name of a
   * pipe, such as `\\\\.\\pipe\\app`.
   */
  path: string;
  /** How many connections may wait to be accepted; 511 by default. */
  backlog?: number;
  /**
   * Permission bits of the file: `0o600` by default, its owner alone. Never more open, not for a moment. A pipe of
   * Windows is its owner's, or everybody's if others may write.
   */
  mode?: number;
  /**
   * Removes the file, if it is still the same, when the server closes or the process exits, also by `process.exit()` or
   * an uncaught error; true by default. A signal that kills the process leaves the file behind. A pipe disappears by
   * itself.
   */
  deleteOnClose?: boolean;
  /** Replaces a stale socket file, safely even if other servers start at the same time. */
  replaceStale?: boolean;
}

export const LISTEN_LOCAL_OPTIONS: OptionNames<ListenLocalOptions> = {
  path: true,
  backlog: true,
  mode: true,
  deleteOnClose: true,
  replaceStale: true,
};

function pathBytes(path: unknown): Buffer {
  const text = checkString('path', path);
  if (text === '') throw invalidValue('path', 'must not be empty', path);
  if (text.includes('\0', 1) && !text.startsWith('\0')) {
    throw invalidValue('path', 'must not contain a NUL', path);
  }
  return Buffer.from(text);
}

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
  const bytes = pathBytes(path);
  const backlog = checkInteger('backlog', options.backlog ?? DEFAULT_BACKLOG, 0, MAX_INT);
  const mode = checkInteger('mode', options.mode ?? 0o600, 0, MAX_MODE);
  const deleteOnClose = checkBoolean('deleteOnClose', options.deleteOnClose ?? true);
  const replaceStale = checkBoolean('replaceStale', options.replaceStale ?? false);
  return () => {
    const token = native.listenLocal(bytes, backlog, mode, deleteOnClose, replaceStale);
    if (token === STALE) throw staleSocket(path);
    const server = new LocalServer(orThrow(token, 'listen', { path }), path);
    if (deleteOnClose) removeAtExit(server);
    return server;
  };
}

function staleSocket(path: string): StaleSocketError {
  const { code, errno } = errorOfCode('EADDRINUSE', 'listen');
  return new StaleSocketError(
    `listen ${code}: a stale socket file, which nobody serves: see replaceStale ${path}`,
    code,
    errno,
    { syscall: 'listen', path },
  );
}

/**
 * Connects to a local server. Usually it is connected on return. If the server's backlog is full, the stream is not
 * determined yet, and each later poll or predicate tries again.
 *
 * @throws SocketError `ENOENT`: there is no such path; `ECONNREFUSED`: nobody serves it; `EACCES`
 */
export function connectLocal(options: { path: string }): LocalStream {
  return localConnector(optionsOf('options', options, { path: true }))();
}

/** Checks options that were read. @returns what begins to connect */
export function localConnector({ path }: { path: string }): () => LocalStream {
  const bytes = pathBytes(path);
  return () => new LocalStream(orThrow(native.connectLocal(bytes), 'connect', { path }), path);
}

/** Two connected streams, for instance one for each of two threads, or for a child process. */
export function socketPair(): [LocalStream, LocalStream] {
  const pair = native.socketPair();
  if (typeof pair === 'number') throw socketError(pair, 'socketpair');
  return [new LocalStream(pair[0], ''), new LocalStream(pair[1], '')];
}
