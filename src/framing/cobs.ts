import { optionsOf } from '../arguments/options';
import { checkBytes, checkFront } from './argument';
import type { Codec, Decoded } from './Codec';
import { copyBytes } from './copyBytes';
import { frameMalformed, frameTooLarge } from './FramingError';
import { checkMaxBytes, MAX_BYTES_OPTION, type MaxBytesOption } from './maxBytes';
import { wholeLastFrame } from './wholeLastFrame';

/** A block of so many bytes, its code among them, stands for no zero at its end. */
const FULL = 0xff;

/** How large a frame may be. @see cobs */
export type CobsOptions = MaxBytesOption;

/**
 * Consistent Overhead Byte Stuffing: frames without a zero byte in their encoded form, each ended by one. Encoding adds
 * one byte in 254, however the frame looks. Zero bytes between frames are skipped.
 *
 * Frames are views of the bytes that were decoded, or copies if they contain zeros. Decoding throws {@link FramingError}
 * `ERR_FRAME_MALFORMED` for a block that reaches beyond its frame, `ERR_FRAME_TOO_LARGE` as soon as no zero can come
 * within the limit any more, and `ERR_FRAME_TRUNCATED` if the stream ends within a frame.
 *
 * @throws `TypeError` or `RangeError` (`ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`) for a bad `maxBytes`.
 *
 * @example
 * cobs().encode(Buffer.of(1, 0, 2)); // 02 01 02 02 00
 */
export function cobs(options: CobsOptions = {}): Codec<Buffer, Uint8Array> {
  const maxBytes = checkMaxBytes(optionsOf('options', options, MAX_BYTES_OPTION).maxBytes);
  const maxEncodedBytes = encodedSize(maxBytes);

  function decode(bytes: Buffer, seen: number): Decoded<Buffer> | null {
    checkFront(bytes, seen);
    const end = bytes.indexOf(0, seen);
    if (end === 0) return { frame: undefined, length: 1 };
    if (end >= maxEncodedBytes || (end === -1 && bytes.length >= maxEncodedBytes)) {
      throw frameTooLarge(maxBytes);
    }
    if (end === -1) return null;
    const frame = unstuffed(bytes.subarray(0, end));
    if (frame.length > maxBytes) throw frameTooLarge(maxBytes);
    return { frame, length: end + 1 };
  }

  return {
    maxEncodedBytes,

    decode,

    decodeEnd: wholeLastFrame(decode),

    encode(frame) {
      checkBytes('frame', frame);
      if (frame.length > maxBytes) throw frameTooLarge(maxBytes, frame.length);
      return stuffed(frame);
    },

    copyFrame: copyBytes,
  };
}

/** The most bytes that a frame of this length takes, the zero at its end included. */
function encodedSize(length: number): number {
  return length + Math.max(1, Math.ceil(length / (FULL - 1))) + 1;
}

function stuffed(frame: Uint8Array): Buffer {
  const bytes = Buffer.alloc(encodedSize(frame.length) + 1);
  let codeAt = 0;
  let length = 1;
  const closeBlock = (): void => {
    bytes[codeAt] = length - codeAt;
    codeAt = length++;
  };
  for (const [index, byte] of frame.entries()) {
    if (byte !== 0) bytes[length++] = byte;
    // A full block at the end of the frame needs no other one after it.
    if (byte === 0 || (length - codeAt === FULL && index < frame.length - 1)) closeBlock();
  }
  closeBlock();
  return bytes.subarray(0, length);
}

/** The same bytes without their code if they are one block, else a copy. */
function unstuffed(encoded: Buffer): Buffer {
  if (encoded[0] === encoded.length) return encoded.subarray(1);
  const frame = Buffer.allocUnsafe(encoded.length);
  let length = 0;
  for (let at = 0; at < encoded.length;) {
    const code = encoded[at]!;
    const next = at + code;
    if (next > encoded.length) throw frameMalformed('A block reaches beyond its frame');
    length += encoded.copy(frame, length, at + 1, next);
    if (code < FULL && next < encoded.length) frame[length++] = 0;
    at = next;
  }
  return frame.subarray(0, length);
}
