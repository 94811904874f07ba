import { type OptionNames, optionsOf } from './argument';
import { orThrow, staleSocket } from './errors';
import { LocalDatagramSocket } from './LocalDatagramSocket';
import { pathBytes } from './localPath';
import { native, STALE } from './native';
import {
  checkSocketFileOptions,
  SOCKET_FILE_OPTIONS,
  type SocketFileOptions,
} from './socketFileOptions';
import { removeAtExit } from './socketFiles';

/** @see bindLocalDatagram */
export interface BindLocalDatagramOptions extends SocketFileOptions {
  /** Where to make the socket file; on Linux a leading NUL makes it an abstract name instead. */
  path: string;
}

/** @see connectLocalDatagram */
export interface ConnectLocalDatagramOptions extends SocketFileOptions {
  /** The path that all messages go to. */
  path: string;
  /** The path at which it receives answers; by default it has none, and cannot be answered. */
  localPath?: string;
}

export const BIND_LOCAL_DATAGRAM_OPTIONS: OptionNames<BindLocalDatagramOptions> = {
  ...SOCKET_FILE_OPTIONS,
  path: true,
};
const CONNECT_LOCAL_DATAGRAM_OPTIONS: OptionNames<ConnectLocalDatagramOptions> = {
  ...SOCKET_FILE_OPTIONS,
  path: true,
  localPath: true,
};

/**
 * Opens a socket for local datagrams at a path, to receive from anybody who may write to its file, and to send to anybody.
 *
 * @throws StaleSocketError the path is held by a socket file that nobody has bound any more
 * @throws SocketError `EADDRINUSE`, `ENOENT`, `EACCES`, `ENAMETOOLONG`; `ENOTSUP`: there are none on this system
 * @example
 * using socket = bindLocalDatagram({ path: '/run/user/1000/notify.sock' });
 * console.log(socket.receive()?.bytes.toString());
 */
export function bindLocalDatagram(options: BindLocalDatagramOptions): LocalDatagramSocket {
  return localDatagramBinder(optionsOf('options', options, BIND_LOCAL_DATAGRAM_OPTIONS))();
}

/** Checks options that were read. @returns what binds */
export function localDatagramBinder(options: BindLocalDatagramOptions): () => LocalDatagramSocket {
  const { path } = options;
  const bytes = pathBytes('path', path);
  const file = checkSocketFileOptions(options);
  const [, deleteOnClose] = file;
  return () => {
    const token = native.openLocalDatagram(bytes, null, ...file);
    if (token === STALE) throw staleSocket('bind', path);
    const socket = new LocalDatagramSocket(orThrow(token, 'bind', { path }), path, '', false);
    if (deleteOnClose) removeAtExit(socket);
    return socket;
  };
}

/**
 * Opens a socket whose datagrams all go to one path.
 *
 * @throws SocketError `ENOENT`: there is no such path; `ECONNREFUSED`: nobody is there any more; `EACCES`; `EPROTOTYPE`: a
 *   socket of another type is; `ENOTSUP`: there are none on this system
 * @example
 * using log = connectLocalDatagram({ path: '/dev/log' });
 * log.send(Buffer.from('<14>app: started'));
 */
export function connectLocalDatagram(options: ConnectLocalDatagramOptions): LocalDatagramSocket {
  const own = optionsOf('options', options, CONNECT_LOCAL_DATAGRAM_OPTIONS);
  const { path, localPath } = own;
  const peer = pathBytes('path', path);
  const bytes = localPath === undefined ? null : pathBytes('localPath', localPath);
  const file = checkSocketFileOptions(own);
  const [, deleteOnClose] = file;
  const token = native.openLocalDatagram(bytes, peer, ...file);
  if (token === STALE) throw staleSocket('bind', localPath ?? '');
  const socket = new LocalDatagramSocket(
    orThrow(token, 'connect', { path }),
    localPath ?? '',
    path,
    true,
  );
  if (bytes && deleteOnClose) removeAtExit(socket);
  return socket;
}
