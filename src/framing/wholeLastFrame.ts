import type { Decoded } from './Codec';
import { frameTruncated } from './FramingError';

/** The `decodeEnd` of every codec that has no use for an incomplete last frame: if one is left, the stream is truncated. */
export function wholeLastFrame<Frame>(
  decode: (bytes: Buffer, seen: number) => Decoded<Frame> | null,
): (bytes: Buffer) => Decoded<Frame> | null {
  return (bytes) => {
    const decoded = decode(bytes, 0);
    if (decoded === null && bytes.length > 0) throw frameTruncated(bytes.length);
    return decoded;
  };
}
