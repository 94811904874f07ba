import { invalidValue, outOfRange } from '../arguments/errors';
import { type OptionNames, optionsOf } from '../arguments/options';
import { checkBoolean, checkBytes, checkCount, checkFront, checkOneOf } from './argument';
import type { Codec, Decoded } from './Codec';
import { copyBytes } from './copyBytes';
import { frameMalformed, frameTooLarge } from './FramingError';
import { INTEGER_FORMATS, type IntegerFormat, lengthPrefix } from './lengthPrefix';
import { checkMaxBytes, MAX_BYTES_OPTION, type MaxBytesOption } from './maxBytes';
import { wholeLastFrame } from './wholeLastFrame';

export interface LengthFieldOptions extends MaxBytesOption {
  /** Where the length stands in the header: how many bytes come before it. */
  readonly offset: number;
  /**
   * How the length is written.
   *
   * @defaultValue `'uint32'`
   */
  readonly format?: IntegerFormat;
  /**
   * Whether the least significant byte of the length comes first.
   *
   * @defaultValue `false`, network byte order
   */
  readonly littleEndian?: boolean;
  /**
   * How many bytes the header has.
   *
   * @defaultValue it ends with the length
   */
  readonly headerBytes?: number;
  /**
   * Whether the length counts the header as well, and not only the bytes after it.
   *
   * @defaultValue `false`
   */
  readonly includesHeader?: boolean;
}

const LENGTH_FIELD_OPTIONS: OptionNames<LengthFieldOptions> = {
  ...MAX_BYTES_OPTION,
  offset: true,
  format: true,
  littleEndian: true,
  headerBytes: true,
  includesHeader: true,
};

/**
 * Messages with a header that says their length somewhere. A frame is the whole message with its header, since the header
 * says more than the length: a type, a version, an id. `maxBytes` counts the whole message.
 *
 * Frames are views of the bytes that were decoded. Decoding throws {@link FramingError} `ERR_FRAME_TOO_LARGE` as soon as
 * the length is there, `ERR_FRAME_MALFORMED` for one that is shorter than the header it should include, and
 * `ERR_FRAME_TRUNCATED` if the stream ends within a message. Encoding takes a whole message, and throws `TypeError`
 * `ERR_INVALID_ARG_VALUE` if its header does not say its length.
 *
 * @throws `TypeError` or `RangeError` (`ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`,
 *   `ERR_OUT_OF_RANGE`) for a bad option.
 *
 * @example
 * // type: 1 byte, flags: 1 byte, length of everything: 2 bytes
 * const messages = lengthField({ offset: 2, format: 'uint16', includesHeader: true });
 * messages.decode(Buffer.from([7, 0, 0, 6, 1, 2]), 0); // { frame: all 6 bytes, length: 6 }
 */
export function lengthField(options: LengthFieldOptions): Codec<Buffer, Uint8Array> {
  const own = optionsOf('options', options, LENGTH_FIELD_OPTIONS);
  const { offset, format = 'uint32', littleEndian = false, includesHeader = false } = own;
  checkCount('options.offset', offset);
  checkOneOf('options.format', format, INTEGER_FORMATS);
  checkBoolean('options.littleEndian', littleEndian);
  checkBoolean('options.includesHeader', includesHeader);
  const field = lengthPrefix(format, littleEndian);
  const endOfField = offset + field.sizeOf(0);
  const { headerBytes = endOfField } = own;
  checkCount('options.headerBytes', headerBytes);
  if (headerBytes < endOfField) {
    throw outOfRange('options.headerBytes', `at least ${endOfField}`, headerBytes);
  }
  const uncounted = includesHeader ? 0 : headerBytes;
  const maxBytes = Math.min(checkMaxBytes(own.maxBytes), field.maxLength + uncounted);

  /** The length of the whole message, `null` while the header does not say it yet. */
  function lengthOf(bytes: Buffer): number | null {
    const value = field.read(bytes.subarray(offset, endOfField));
    if (value === null) return null;
    const length = value + uncounted;
    if (length < headerBytes) {
      throw frameMalformed(`A length of ${value} bytes is less than the header's ${headerBytes}`);
    }
    if (length > maxBytes) throw frameTooLarge(maxBytes, length);
    return length;
  }

  function decode(bytes: Buffer): Decoded<Buffer> | null {
    checkFront(bytes, 0);
    const length = lengthOf(bytes);
    if (length === null || bytes.length < length) return null;
    return { frame: bytes.subarray(0, length), length };
  }

  return {
    maxEncodedBytes: maxBytes,

    decode,

    decodeEnd: wholeLastFrame(decode),

    encode(frame) {
      checkBytes('frame', frame);
      if (frame.length > maxBytes) throw frameTooLarge(maxBytes, frame.length);
      const bytes = Buffer.from(frame);
      if (field.read(bytes.subarray(offset, endOfField)) !== bytes.length - uncounted) {
        throw invalidValue('frame', `must have its length at byte ${offset}`, frame);
      }
      return bytes;
    },

    copyFrame: copyBytes,
  };
}
