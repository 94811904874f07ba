import { ReadableStream, WritableStream } from 'node:stream/web';
import { lastValueFrom } from 'rxjs';
import { isError } from '../core/isError';
import type { Connection } from '../reactive/connection/Connection';
import { ChunkIterator } from './ChunkIterator';

/** @see toWebStreams */
export interface WebStreams {
  /** A byte stream, also for readers that bring their own buffer. Its chunks have memory of their own. */
  readonly readable: ReadableStream<Uint8Array>;
  /** A write is done when the system has taken its bytes. */
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * A connection as a pair of Web Streams. Nothing is read before it is asked for, and a writer is held back while the
 * system takes no more.
 *
 * Closing the writable ends the sending side behind what was written; aborting it closes the connection, with the
 * reason if that is an `Error`. Cancelling the readable stops reading. Once both sides are over the connection is
 * closed. If it fails, both fail with its error. To write after the peer's end, make the connection with
 * `allowHalfOpen`.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 *
 * @example
 * const { readable, writable } = toWebStreams(connection);
 * await readable.pipeThrough(new DecompressionStream('gzip')).pipeTo(file);
 * await writable.close();
 */
export function toWebStreams(connection: Connection): WebStreams {
  const chunks = new ChunkIterator(connection);
  let sides = 2;
  const sideIsOver = () => {
    if (--sides === 0) connection.close();
  };
  const readable = new ReadableStream(
    {
      type: 'bytes',
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) {
          controller.close();
          controller.byobRequest?.respond(0);
          sideIsOver();
        } else {
          // A byte stream detaches the memory it is given, and that of a chunk is shared with others.
          controller.enqueue(new Uint8Array(value));
        }
      },
      async cancel() {
        await chunks.return();
        sideIsOver();
      },
    },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream<Uint8Array>({
    start(controller) {
      connection.closed$.subscribe((error) => {
        if (error) controller.error(error);
      });
    },
    async write(chunk) {
      await lastValueFrom(connection.send([chunk]));
    },
    async close() {
      await lastValueFrom(connection.send([]), { defaultValue: 0 });
      connection.end();
      sideIsOver();
    },
    abort(reason) {
      connection.close(isError(reason) ? reason : undefined);
    },
  });
  return { readable, writable };
}
