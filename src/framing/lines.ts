import { isUtf8 } from 'node:buffer';
import { invalidValue } from '../arguments/errors';
import { type OptionNames, optionsOf } from '../arguments/options';
import { checkBoolean, checkFront, checkOneOf, checkString } from './argument';
import type { Codec, Decoded } from './Codec';
import { frameMalformed, frameTooLarge } from './FramingError';
import { checkMaxBytes, MAX_BYTES_OPTION, type MaxBytesOption } from './maxBytes';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const REPLACEMENT_CHARACTER = '\ufffd';

/** Matches characters that an encoding cannot express. */
const UNREPRESENTABLE = { utf8: /\p{Surrogate}/u, latin1: /[^\0-\xff]/ };

export interface LinesOptions extends MaxBytesOption {
  /**
   * How characters are written. Only encodings in which the byte 0x0A means a newline and nothing
   * else.
   *
   * @defaultValue `'utf8'`
   */
  readonly encoding?: 'utf8' | 'latin1';
  /**
   * What `encode` ends a line with. Decoding takes either.
   *
   * @defaultValue `'\n'`
   */
  readonly newline?: '\n' | '\r\n';
  /**
   * Whether `'\r'` before the `'\n'` belongs to the line, instead of being stripped.
   *
   * @defaultValue `false`
   */
  readonly keepCarriageReturn?: boolean;
  /**
   * Whether bytes that are no UTF-8 are refused (`ERR_FRAME_MALFORMED`), as in `TextDecoder`,
   * instead of becoming U+FFFD, the replacement character.
   *
   * @defaultValue `false`
   */
  readonly fatal?: boolean;
}

const LINES_OPTIONS: OptionNames<LinesOptions> = {
  ...MAX_BYTES_OPTION,
  encoding: true,
  newline: true,
  keepCarriageReturn: true,
  fatal: true,
};

/**
 * Lines of text, each ended by `'\n'` or `'\r\n'`, which is not part of the frame. The last line
 * may lack it: what is left when the stream ends is a frame, too. A character whose bytes come in
 * two chunks is decoded as a whole. A byte-order mark is a character like any other: the first line begins with
 * U+FEFF then.
 *
 * `maxBytes` counts the bytes of a line without its `'\n'` and without a `'\r'` that is stripped.
 *
 * Decoding throws {@link FramingError} `ERR_FRAME_TOO_LARGE`, as soon as more than `maxBytes` have
 * come without a newline, and `ERR_FRAME_MALFORMED` if `fatal`. Encoding throws `TypeError`
 * `ERR_INVALID_ARG_VALUE` for a line that contains a newline, ends with a `'\r'` that would be
 * stripped, or has characters that the encoding has not.
 *
 * @throws `TypeError` or `RangeError` (`ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`,
 *   `ERR_OUT_OF_RANGE`) for a bad option.
 *
 * @example
 * for (const line of frames(socket, lines({ maxBytes: 512 }), { timeout: 1000 })) {
 *   console.log(line);
 * }
 */
export function lines(options: LinesOptions = {}): Codec<string> {
  const own = optionsOf('options', options, LINES_OPTIONS);
  const { encoding = 'utf8', newline = '\n', keepCarriageReturn = false, fatal = false } = own;
  const maxBytes = checkMaxBytes(own.maxBytes);
  checkOneOf('options.encoding', encoding, ['utf8', 'latin1']);
  checkOneOf('options.newline', newline, ['\n', '\r\n']);
  checkBoolean('options.keepCarriageReturn', keepCarriageReturn);
  checkBoolean('options.fatal', fatal);
  if (keepCarriageReturn && newline === '\r\n') {
    throw invalidValue('options.newline', "must be '\\n' where carriage returns are kept", newline);
  }

  /**
   * Where the text of the line ends whose newline is at `newlineAt`. Refuses a line over the limit.
   */
  function textEnd(bytes: Buffer, newlineAt: number): number {
    const stripped = !keepCarriageReturn && bytes[newlineAt - 1] === CARRIAGE_RETURN;
    const end = stripped ? newlineAt - 1 : newlineAt;
    if (end > maxBytes) {
      throw frameTooLarge(maxBytes);
    }
    return end;
  }

  function text(bytes: Buffer, newlineAt: number): string {
    const end = textEnd(bytes, newlineAt);
    const line = bytes.toString(encoding, 0, end);
    // Invalid bytes leave a replacement character, so only lines with one need the second check.
    if (fatal && line.includes(REPLACEMENT_CHARACTER) && !isUtf8(bytes.subarray(0, end))) {
      throw frameMalformed('A line is not valid UTF-8');
    }
    return line;
  }

  function decode(bytes: Buffer, seen: number): Decoded<string> | null {
    checkFront(bytes, seen);
    const newlineAt = bytes.indexOf(LINE_FEED, seen);
    if (newlineAt === -1) {
      textEnd(bytes, bytes.length);
      return null;
    }
    return { frame: text(bytes, newlineAt), length: newlineAt + 1 };
  }

  return {
    maxEncodedBytes: maxBytes + (keepCarriageReturn ? 1 : 2),

    decode,

    decodeEnd(bytes) {
      const decoded = decode(bytes, 0);
      if (decoded !== null || bytes.length === 0) {
        return decoded;
      }
      return { frame: text(bytes, bytes.length), length: bytes.length };
    },

    encode(line) {
      checkString('line', line);
      if (line.includes('\n')) {
        throw invalidValue('line', 'must not contain a newline', line);
      }
      if (!keepCarriageReturn && line.endsWith('\r')) {
        throw invalidValue('line', 'must not end with a carriage return', line);
      }
      if (UNREPRESENTABLE[encoding].test(line)) {
        throw invalidValue('line', `must be representable as ${encoding}`, line);
      }
      const bytes = Buffer.from(line + newline, encoding);
      const length = bytes.length - newline.length;
      if (length > maxBytes) {
        throw frameTooLarge(maxBytes, length);
      }
      return bytes;
    },
  };
}
