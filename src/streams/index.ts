/**
 * Connections as the streams of Node and of the web, for programs that expect those.
 *
 * @module bipoll/streams
 */
export {
  SocketBusyError,
  SocketClosedError,
  SocketError,
  type SocketErrorDetails,
  type TimeoutDetails,
  TimeoutError,
  type Where,
} from '../core/errors';
export { QueueFullError } from '../reactive/connection/QueueFullError';
export { type ConnectionDuplex, type DuplexOptions } from './ConnectionDuplex';
export { createConnection, type CreateConnectionOptions } from './createConnection';
export { fromDuplex, type FromDuplexOptions } from '../reactive/duplex/fromDuplex';
export { fromWebStreams, type WebStreamPair } from './fromWebStreams';
export { toAsyncIterable } from './toAsyncIterable';
export { toDuplex } from './toDuplex';
export { toWebStreams, type WebStreams } from './toWebStreams';
