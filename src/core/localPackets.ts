import { checkInteger, optionsOf } from './argument';
import { orThrow, staleSocket } from './errors';
import { LISTEN_LOCAL_OPTIONS, type ListenLocalOptions } from './local';
import { LocalPacketServer } from './LocalPacketServer';
import { LocalPacketSocket } from './LocalPacketSocket';
import { pathBytes } from './localPath';
import { native, STALE } from './native';
import { checkSocketFileOptions } from './socketFileOptions';
import { removeAtExit } from './socketFiles';
import { DEFAULT_BACKLOG } from './tcp';

const MAX_INT = 2 ** 31 - 1;

/**
 * Listens at a path for local connections that carry packets.
 *
 * @throws StaleSocketError the path is held by a socket file that nobody serves any more
 * @throws SocketError as `listenLocal`; `ENOTSUP` or `EPROTONOSUPPORT`: there are none on this system
 * @example
 * using server = listenLocalPackets({ path: '/run/user/1000/app.seq' });
 * using connection = accept(server, { timeout: 1000 }); // of bipoll/sync
 */
export function listenLocalPackets(options: ListenLocalOptions): LocalPacketServer {
  return localPacketBinder(optionsOf('options', options, LISTEN_LOCAL_OPTIONS))();
}

/** Checks options that were read. @returns what listens */
export function localPacketBinder(options: ListenLocalOptions): () => LocalPacketServer {
  const { path } = options;
  const bytes = pathBytes('path', path);
  const backlog = checkInteger('backlog', options.backlog ?? DEFAULT_BACKLOG, 0, MAX_INT);
  const file = checkSocketFileOptions(options);
  const [, deleteOnClose] = file;
  return () => {
    const token = native.listenLocalPackets(bytes, backlog, ...file);
    if (token === STALE) throw staleSocket('listen', path);
    const server = new LocalPacketServer(orThrow(token, 'listen', { path }), path);
    if (deleteOnClose) removeAtExit(server);
    return server;
  };
}

/**
 * Connects to a server of `listenLocalPackets`, as `connectLocal` does to one of streams.
 *
 * @throws SocketError `ENOENT`: there is no such path; `ECONNREFUSED`: nobody serves it; `EACCES`; `EPROTOTYPE`: what is there
 *   is of another type; `ENOTSUP` or `EPROTONOSUPPORT`: there are none on this system
 * @example
 * using client = connectLocalPackets({ path: '/run/user/1000/app.seq' });
 */
export function connectLocalPackets(options: { path: string }): LocalPacketSocket {
  return localPacketConnector(optionsOf('options', options, { path: true }))();
}

/** Checks options that were read. @returns what begins to connect */
export function localPacketConnector({ path }: { path: string }): () => LocalPacketSocket {
  const bytes = pathBytes('path', path);
  return () => {
    const token = native.connectLocalPackets(bytes);
    return new LocalPacketSocket(orThrow(token, 'connect', { path }), path);
  };
}
