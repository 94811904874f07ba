import { isUint8Array } from 'node:util/types';
import { invalidType, invalidValue } from '../arguments/errors';
import { type OptionNames, optionsOf } from '../arguments/options';
import { checkBoolean, checkBytes, checkFront } from './argument';
import type { Codec, Decoded } from './Codec';
import { copyBytes } from './copyBytes';
import { frameTooLarge, frameTruncated } from './FramingError';
import { checkMaxBytes, MAX_BYTES_OPTION, type MaxBytesOption } from './maxBytes';

export interface DelimiterOptions extends MaxBytesOption {
  /**
   * Whether what is left behind the last delimiter when the stream ends is a frame, instead of an
   * error (`ERR_FRAME_TRUNCATED`).
   *
   * @defaultValue `false`
   */
  readonly allowUnterminated?: boolean;
}

const DELIMITER_OPTIONS: OptionNames<DelimiterOptions> = {
  ...MAX_BYTES_OPTION,
  allowUnterminated: true,
};

/**
 * Frames of bytes, each ended by `delimiter`, which is not part of the frame. The first occurrence
 * ends it: there is no escaping. A string stands for its UTF-8 bytes.
 *
 * Frames are views of the bytes that were decoded. Decoding throws {@link FramingError}
 * `ERR_FRAME_TOO_LARGE` as soon as no delimiter can come within the limit any more, and
 * `ERR_FRAME_TRUNCATED` if the stream ends without one. Encoding throws `TypeError`
 * `ERR_INVALID_ARG_VALUE` for a frame that would be cut short by the delimiter in it.
 *
 * @throws `TypeError` or `RangeError` (`ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`,
 *   `ERR_OUT_OF_RANGE`) for an empty delimiter or a bad option.
 *
 * @example
 * const messages = delimiter('\0');
 * writeAll(socket, messages.encode(Buffer.from('hello')), { timeout: 1000 });
 */
export function delimiter(
  delimiter: string | Uint8Array,
  options: DelimiterOptions = {},
): Codec<Buffer, Uint8Array> {
  const own = optionsOf('options', options, DELIMITER_OPTIONS);
  const { allowUnterminated = false } = own;
  const maxBytes = checkMaxBytes(own.maxBytes);
  const ending = delimiterBytes(delimiter);
  checkBoolean('options.allowUnterminated', allowUnterminated);

  function decode(bytes: Buffer, seen: number): Decoded<Buffer> | null {
    checkFront(bytes, seen);
    // The examined bytes may end with the first part of the delimiter.
    const searchFrom = Math.max(0, seen - (ending.length - 1));
    const end = bytes.indexOf(ending, searchFrom);
    if (end > maxBytes || (end === -1 && bytes.length >= maxBytes + ending.length)) {
      throw frameTooLarge(maxBytes);
    }
    return end === -1 ? null : { frame: bytes.subarray(0, end), length: end + ending.length };
  }

  return {
    maxEncodedBytes: maxBytes + ending.length,

    decode,

    decodeEnd(bytes) {
      const decoded = decode(bytes, 0);
      if (decoded !== null || bytes.length === 0) {
        return decoded;
      }
      if (!allowUnterminated) {
        throw frameTruncated(bytes.length);
      }
      if (bytes.length > maxBytes) {
        throw frameTooLarge(maxBytes, bytes.length);
      }
      return { frame: bytes, length: bytes.length };
    },

    encode(frame) {
      checkBytes('frame', frame);
      if (frame.length > maxBytes) {
        throw frameTooLarge(maxBytes, frame.length);
      }
      const bytes = Buffer.concat([frame, ending]);
      // Search the frame and its delimiter together: in 'ab' + 'aba' the delimiter 'aba' is found too early, though
      // 'ab' alone contains none.
      if (bytes.indexOf(ending) !== frame.length) {
        throw invalidValue('frame', 'must not contain the delimiter', frame);
      }
      return bytes;
    },

    copyFrame: copyBytes,
  };
}

/** The bytes of the delimiter, in memory that the caller cannot change later. */
function delimiterBytes(delimiter: string | Uint8Array): Buffer {
  if (typeof delimiter !== 'string' && !isUint8Array(delimiter)) {
    throw invalidType('delimiter', 'a string, Buffer or Uint8Array', delimiter);
  }
  const bytes = Buffer.from(delimiter);
  if (bytes.length === 0) {
    throw invalidValue('delimiter', 'must not be empty', delimiter);
  }
  return bytes;
}
