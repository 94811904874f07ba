import { type OptionNames, optionsOf } from '../arguments/options';
import { checkBoolean, checkBytes, checkFront, checkOneOf } from './argument';
import type { Codec, Decoded } from './Codec';
import { copyBytes } from './copyBytes';
import { frameTooLarge } from './FramingError';
import { lengthPrefix, PREFIX_FORMATS, type PrefixFormat } from './lengthPrefix';
import { checkMaxBytes, MAX_BYTES_OPTION, type MaxBytesOption } from './maxBytes';
import { wholeLastFrame } from './wholeLastFrame';

export interface LengthPrefixedOptions extends MaxBytesOption {
  /**
   * How the length is written: an unsigned integer of 1, 2, 3, 4 or 8 bytes, or `'varint'`, an unsigned
   * LEB128 number of at most 32 bits, as in front of the messages of Protocol Buffers.
   *
   * @defaultValue `'uint32'`
   */
  readonly prefix?: PrefixFormat;
  /**
   * Whether the least significant byte of an integer comes first, as in `DataView`.
   *
   * @defaultValue `false`, network byte order
   */
  readonly littleEndian?: boolean;
}

const LENGTH_PREFIXED_OPTIONS: OptionNames<LengthPrefixedOptions> = {
  ...MAX_BYTES_OPTION,
  prefix: true,
  littleEndian: true,
};

/**
 * Frames of bytes, each behind its length. The length counts the bytes of the frame, not those of the prefix. A length
 * that the prefix cannot express is over the limit, too: with `'uint8'` the limit is at most 255.
 *
 * Frames are views of the bytes that were decoded. Decoding throws {@link FramingError}
 * `ERR_FRAME_TOO_LARGE` as soon as the prefix is there, `ERR_FRAME_MALFORMED` for a varint of more
 * than 32 bits or more bytes than it needs, and `ERR_FRAME_TRUNCATED` if the stream ends within a
 * frame.
 *
 * @throws `TypeError` or `RangeError` (`ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`,
 *   `ERR_OUT_OF_RANGE`) for a bad option.
 *
 * @example
 * connection.data$.pipe(
 *   decode(lengthPrefixed({ prefix: 'uint16', maxBytes: 4096 })),
 *   map((message) => JSON.parse(message.toString())),
 * );
 */
export function lengthPrefixed(options: LengthPrefixedOptions = {}): Codec<Buffer, Uint8Array> {
  const own = optionsOf('options', options, LENGTH_PREFIXED_OPTIONS);
  const { prefix: format = 'uint32', littleEndian = false } = own;
  checkOneOf('options.prefix', format, PREFIX_FORMATS);
  checkBoolean('options.littleEndian', littleEndian);
  const prefix = lengthPrefix(format, littleEndian);
  const maxBytes = Math.min(checkMaxBytes(own.maxBytes), prefix.maxLength);

  function decode(bytes: Buffer): Decoded<Buffer> | null {
    checkFront(bytes, 0);
    const length = prefix.read(bytes);
    if (length === null) {
      return null;
    }
    if (length > maxBytes) {
      throw frameTooLarge(maxBytes, length);
    }
    const start = prefix.sizeOf(length);
    const end = start + length;
    return bytes.length < end ? null : { frame: bytes.subarray(start, end), length: end };
  }

  return {
    maxEncodedBytes: prefix.sizeOf(maxBytes) + maxBytes,

    decode,

    decodeEnd: wholeLastFrame(decode),

    encode(frame) {
      checkBytes('frame', frame);
      const { length } = frame;
      if (length > maxBytes) {
        throw frameTooLarge(maxBytes, length);
      }
      const start = prefix.sizeOf(length);
      const bytes = Buffer.allocUnsafe(start + length);
      prefix.write(length, bytes);
      bytes.set(frame, start);
      return bytes;
    },

    copyFrame: copyBytes,
  };
}
