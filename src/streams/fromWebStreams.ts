import { Duplex } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import { checkOptions, propertyOf } from '../core/argument';
import type { Connection } from '../reactive/connection/Connection';
import { fromDuplex, type FromDuplexOptions } from './fromDuplex';

/** Two streams of bytes that belong together. @see fromWebStreams */
export interface WebStreamPair {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
}

/**
 * A pair of Web Streams as a connection, which locks both: a `WebTransport` stream, a `TransformStream`. What holds for
 * {@link fromDuplex} holds for it: nothing is read while nobody wants bytes, and a writable that takes no more has what is
 * written queued. Closing the connection for an error cancels the one and aborts the other.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`; `ERR_INVALID_STATE`: one of them is locked
 *
 * @example
 * const { readable, writable } = await transport.createBidirectionalStream();
 * const connection = fromWebStreams({ readable, writable });
 */
export function fromWebStreams(
  streams: WebStreamPair,
  options: FromDuplexOptions = {},
): Connection {
  checkOptions('streams', streams);
  const stream = (key: keyof WebStreamPair) => propertyOf('streams', streams, key); // of any class
  const pair = { readable: stream('readable'), writable: stream('writable') };
  return fromDuplex(Duplex.fromWeb(pair as WebStreamPair), options);
}
