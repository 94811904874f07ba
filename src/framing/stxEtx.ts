import { invalidValue } from '../arguments/errors';
import { optionsOf } from '../arguments/options';
import { checkBytes, checkFront } from './argument';
import type { Codec, Decoded } from './Codec';
import { copyBytes } from './copyBytes';
import { frameMalformed, frameTooLarge } from './FramingError';
import { checkMaxBytes, MAX_BYTES_OPTION, type MaxBytesOption } from './maxBytes';
import { wholeLastFrame } from './wholeLastFrame';

/** Start of text. */
const STX = 0x02;
/** End of text. */
const ETX = 0x03;

/** How large a frame may be. @see stxEtx */
export type StxEtxOptions = MaxBytesOption;

/**
 * Frames between the control characters STX (0x02) and ETX (0x03), as scales, scanners and other devices send them. There
 * is no escaping, so a frame contains neither.
 *
 * Frames are views of the bytes that were decoded. Decoding throws {@link FramingError} `ERR_FRAME_MALFORMED` for bytes
 * outside of a frame and for an STX within one, `ERR_FRAME_TOO_LARGE` as soon as more than `maxBytes` have come without
 * an ETX, and `ERR_FRAME_TRUNCATED` if the stream ends within a frame. Encoding throws `TypeError`
 * `ERR_INVALID_ARG_VALUE` for a frame that contains one of the two.
 *
 * @throws `TypeError` or `RangeError` (`ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`) for a bad `maxBytes`.
 *
 * @example
 * scale.data$.pipe(decode(stxEtx({ maxBytes: 64 }))).subscribe((weight) => console.log(String(weight)));
 */
export function stxEtx(options: StxEtxOptions = {}): Codec<Buffer, Uint8Array> {
  const maxBytes = checkMaxBytes(optionsOf('options', options, MAX_BYTES_OPTION).maxBytes);

  function decode(bytes: Buffer, seen: number): Decoded<Buffer> | null {
    checkFront(bytes, seen);
    if (bytes.length === 0) return null;
    if (bytes[0] !== STX) throw frameMalformed('A frame does not begin with STX');
    const searchFrom = Math.max(1, seen);
    const etxAt = bytes.indexOf(ETX, searchFrom);
    const end = etxAt === -1 ? bytes.length : etxAt;
    const stxAt = bytes.indexOf(STX, searchFrom);
    if (stxAt !== -1 && stxAt < end && stxAt <= maxBytes) {
      throw frameMalformed('A frame begins within another one');
    }
    if (end - 1 > maxBytes) throw frameTooLarge(maxBytes);
    return etxAt === -1 ? null : { frame: bytes.subarray(1, end), length: end + 1 };
  }

  return {
    maxEncodedBytes: maxBytes + 2,

    decode,

    decodeEnd: wholeLastFrame(decode),

    encode(frame) {
      checkBytes('frame', frame);
      if (frame.length > maxBytes) throw frameTooLarge(maxBytes, frame.length);
      if (frame.includes(STX) || frame.includes(ETX)) {
        throw invalidValue('frame', 'must contain neither STX nor ETX', frame);
      }
      return Buffer.concat([Buffer.of(STX), frame, Buffer.of(ETX)]);
    },

    copyFrame: copyBytes,
  };
}
