import type { Connection } from '../reactive/connection/Connection';
import { ChunkIterator } from './ChunkIterator';

/**
 * What the peer sends, for `for await`. Nothing is read while nobody waits for a chunk: the kernel holds the peer
 * back. Leaving the loop leaves the connection open, and whoever reads next, in whatever style, gets what follows.
 * Until then `data$` has its subscriber.
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
