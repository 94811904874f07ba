import { optionsOf } from '../arguments/options';
import { checkBytes, checkFront } from './argument';
import type { Codec, Decoded } from './Codec';
import { copyBytes } from './copyBytes';
import { frameMalformed, frameTooLarge } from './FramingError';
import { checkMaxBytes, MAX_BYTES_OPTION, type MaxBytesOption } from './maxBytes';
import { wholeLastFrame } from './wholeLastFrame';

const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const COMMA = 0x2c;

/** How large a frame may be. @see netstrings */
export type NetstringsOptions = MaxBytesOption;

/**
 * Netstrings: the length in decimal digits, a colon, the bytes, a comma. `'5:hello,'` is the frame
 * `'hello'`.
 *
 * Frames are views of the bytes that were decoded. Decoding throws {@link FramingError}
 * `ERR_FRAME_TOO_LARGE` with the first digit that takes the length over the limit,
 * `ERR_FRAME_MALFORMED` for anything that is no netstring, leading zeros included, and
 * `ERR_FRAME_TRUNCATED` if the stream ends within one.
 *
 * @throws `TypeError` or `RangeError` (`ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`) for a bad
 *   `maxBytes`.
 *
 * @example
 * const codec = netstrings();
 * codec.encode(Buffer.from('hello')); // '5:hello,'
 * codec.decode(Buffer.from('5:hello,0:,'), 0); // { frame: 'hello', length: 8 }
 */
export function netstrings(options: NetstringsOptions = {}): Codec<Buffer, Uint8Array> {
  const maxBytes = checkMaxBytes(optionsOf('options', options, MAX_BYTES_OPTION).maxBytes);

  function decode(bytes: Buffer): Decoded<Buffer> | null {
    checkFront(bytes, 0);
    let length = 0;
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index]!;
      if (byte === COLON && index > 0) {
        return decodeBody(bytes, index + 1, length);
      }
      const leadingZero = index > 0 && length === 0;
      if (byte < ZERO || byte > NINE || leadingZero) {
        throw frameMalformed('A netstring does not begin with its length and a colon');
      }
      length = length * 10 + (byte - ZERO);
      if (length > maxBytes) {
        throw frameTooLarge(maxBytes);
      }
    }
    return null;
  }

  return {
    maxEncodedBytes: `${maxBytes}:`.length + maxBytes + 1,

    decode,

    decodeEnd: wholeLastFrame(decode),

    encode(frame) {
      checkBytes('frame', frame);
      const { length } = frame;
      if (length > maxBytes) {
        throw frameTooLarge(maxBytes, length);
      }
      const header = `${length}:`;
      const bytes = Buffer.allocUnsafe(header.length + length + 1);
      bytes.write(header, 'latin1');
      bytes.set(frame, header.length);
      bytes[bytes.length - 1] = COMMA;
      return bytes;
    },

    copyFrame: copyBytes,
  };
}

/** The frame of `length` bytes behind the colon, `null` while it or its comma is not there. */
function decodeBody(bytes: Buffer, start: number, length: number): Decoded<Buffer> | null {
  const end = start + length;
  if (bytes.length <= end) {
    return null;
  }
  if (bytes[end] !== COMMA) {
    throw frameMalformed(`A netstring has no comma behind its ${length} bytes`);
  }
  return { frame: bytes.subarray(start, end), length: end + 1 };
}
