import type { Connection } from '../reactive/connection/Connection';
import { ChunkIterator } from './ChunkIterator';

/**
 * What the peer sends, for `for await`. Nothing is read while no chunk is awaited: the kernel holds the peer back.
 * Leaving the loop leaves the connection open, and the next reader, in any style, gets what follows. During the loop
 * `data$` is subscribed to.
 *
 * It throws what the connection fails with, and `SocketBusyError` if `data$` has another subscriber.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 *
 * @example
 * for await (const chunk of toAsyncIterable(connection)) await file.write(chunk);
 */
export function toAsyncIterable(
  connection: Connection,
): AsyncIterableIterator<Buffer, undefined, undefined> {
  return new ChunkIterator(connection);
}
