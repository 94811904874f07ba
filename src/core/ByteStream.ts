import { checkAnyInstance } from './argument';
import { Descriptor } from './Descriptor';
import type { Claim } from './Socket';
import { StreamSocket } from './StreamSocket';

/** What carries a stream of bytes: a connection, or a descriptor such as stdin. */
export type ByteStream = StreamSocket | Descriptor;

/**
 * Refuses anything but a stream of bytes, one that was not opened for this direction, and one that an Observable uses
 * in it.
 */
export function checkByteStream(name: string, value: unknown, claim: Claim): ByteStream {
  const classes = [StreamSocket, Descriptor];
  const expected = 'a StreamSocket or a Descriptor';
  const stream = checkAnyInstance(name, expected, classes, value) as ByteStream;
  stream.checkUnclaimed(claim);
  if (stream instanceof Descriptor) stream.checkAccess(claim);
  return stream;
}
