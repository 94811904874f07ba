import type { Connection } from '../reactive/connection/Connection';
import { ConnectionDuplex, type DuplexOptions } from './ConnectionDuplex';

/**
 * A connection as a Node stream, for programs that expect a `net.Socket`: `tls`, `http`, `http2`, database drivers. It
 * has the properties, methods and events of one, but is no `instanceof` it.
 *
 * Reading is held back while the stream is full, and a write is done when the system has its bytes. Like a `net.Socket`
 * it reads ahead from the start, up to `highWaterMark`, even if nobody reads from it: so it subscribes to the
 * connection's `data$`, and a program that only writes learns of the peer's end. Calling `pause()` at once prevents
 * that.
 *
 * Over a local connection descriptors can pass as well: write `{ bytes, descriptors }`, and subscribe to the connection's
 * `descriptors$`, each of which comes before the `'data'` that has its byte.
 *
 * Its end, its failure and `destroy()` are the connection's, and vice versa: an error of the connection is its
 * `'error'`. To answer a peer that has ended its side, as servers do, set `allowHalfOpen` here, which replaces the
 * connection's.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 *
 * @example
 * const server = http.createServer(handler);
 * listen({ path }).subscribe((connection) => {
 *   server.emit('connection', toDuplex(connection, { allowHalfOpen: true }));
 * });
 */
export function toDuplex(connection: Connection, options: DuplexOptions = {}): ConnectionDuplex {
  const duplex = new ConnectionDuplex(options);
  duplex.attach(connection);
  return duplex;
}
