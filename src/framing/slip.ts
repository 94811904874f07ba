import { invalidValue } from '../arguments/errors';
import { optionsOf } from '../arguments/options';
import { checkBytes, checkFront } from './argument';
import type { Codec, Decoded } from './Codec';
import { copyBytes } from './copyBytes';
import { frameMalformed, frameTooLarge } from './FramingError';
import { checkMaxBytes, MAX_BYTES_OPTION, type MaxBytesOption } from './maxBytes';
import { wholeLastFrame } from './wholeLastFrame';

const END = 0xc0;
const ESC = 0xdb;
const ESC_END = 0xdc;
const ESC_ESC = 0xdd;

/** How large a frame may be. @see slip */
export type SlipOptions = MaxBytesOption;

/**
 * SLIP (RFC 1055): frames that END (0xC0) ends, and in which two bytes are escaped. Empty frames are skipped, as the RFC
 * asks: senders put an END before a frame as well, to end what noise may have begun.
 *
 * Frames are views of the bytes that were decoded, or copies where something was escaped. Decoding throws
 * {@link FramingError} `ERR_FRAME_MALFORMED` for a bad escape, `ERR_FRAME_TOO_LARGE` for a frame over `maxBytes`, at the
 * latest when twice as many have come, and `ERR_FRAME_TRUNCATED` if the stream ends within one. Encoding throws
 * `TypeError` `ERR_INVALID_ARG_VALUE` for an empty frame, which would be skipped.
 *
 * @throws `TypeError` or `RangeError` (`ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`) for a bad `maxBytes`.
 *
 * @example
 * slip().encode(Buffer.of(1, 0xc0, 2)); // 01 db dc 02 c0
 */
export function slip(options: SlipOptions = {}): Codec<Buffer, Uint8Array> {
  const maxBytes = checkMaxBytes(optionsOf('options', options, MAX_BYTES_OPTION).maxBytes);
  const maxEncodedBytes = 2 * maxBytes + 1;

  function decode(bytes: Buffer, seen: number): Decoded<Buffer> | null {
    checkFront(bytes, seen);
    const end = bytes.indexOf(END, seen);
    if (end === -1) {
      if (bytes.length >= maxEncodedBytes) throw frameTooLarge(maxBytes);
      return null;
    }
    if (end === 0) return { frame: undefined, length: 1 };
    const frame = unescaped(bytes.subarray(0, end));
    if (frame.length > maxBytes) throw frameTooLarge(maxBytes);
    return { frame, length: end + 1 };
  }

  return {
    maxEncodedBytes,

    decode,

    decodeEnd: wholeLastFrame(decode),

    encode(frame) {
      checkBytes('frame', frame);
      if (frame.length === 0) throw invalidValue('frame', 'must not be empty', frame);
      if (frame.length > maxBytes) throw frameTooLarge(maxBytes, frame.length);
      const bytes = Buffer.allocUnsafe(2 * frame.length + 1);
      let length = 0;
      for (const byte of frame) {
        const escape = byte === END ? ESC_END : byte === ESC ? ESC_ESC : 0;
        if (escape) bytes[length++] = ESC;
        bytes[length++] = escape || byte;
      }
      bytes[length++] = END;
      return bytes.subarray(0, length);
    },

    copyFrame: copyBytes,
  };
}

/** The same bytes if none is escaped, else a copy. */
function unescaped(encoded: Buffer): Buffer {
  let escapeAt = encoded.indexOf(ESC);
  if (escapeAt === -1) return encoded;
  const frame = Buffer.allocUnsafe(encoded.length - 1);
  let length = 0;
  let start = 0;
  for (; escapeAt !== -1; escapeAt = encoded.indexOf(ESC, start)) {
    length += encoded.copy(frame, length, start, escapeAt);
    const escaped = encoded[escapeAt + 1];
    if (escaped !== ESC_END && escaped !== ESC_ESC) {
      throw frameMalformed('An ESC is followed by neither ESC_END nor ESC_ESC');
    }
    frame[length++] = escaped === ESC_END ? END : ESC;
    start = escapeAt + 2;
  }
  length += encoded.copy(frame, length, start);
  return frame.subarray(0, length);
}
