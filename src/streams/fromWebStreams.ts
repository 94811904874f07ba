import { Duplex } from 'node:stream';
import { ReadableStream, WritableStream } from 'node:stream/web';
import { checkInstance, checkOptions, invalidValue, propertyOf } from '../core/argument';
import type { Connection } from '../reactive/connection/Connection';
import { fromDuplex, type FromDuplexOptions } from '../reactive/duplex/fromDuplex';

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
 * @throws TypeError `ERR_INVALID_ARG_TYPE`; `ERR_INVALID_ARG_VALUE`: one of them is locked
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
  const pair = {
    readable: checkStream('readable', ReadableStream, streams),
    writable: checkStream('writable', WritableStream, streams),
  };
  return fromDuplex(Duplex.fromWeb(pair), options);
}

/** One of the pair, which may be an object of any class, such as a `TransformStream`. */
function checkStream<T extends { readonly locked: boolean }>(
  key: string,
  ofClass: abstract new (...args: never[]) => T,
  streams: WebStreamPair,
): T {
  const name = `streams.${key}`;
  const stream = checkInstance(name, ofClass, propertyOf('streams', streams, key));
  if (stream.locked) throw invalidValue(name, 'must not be locked', stream);
  return stream;
}
