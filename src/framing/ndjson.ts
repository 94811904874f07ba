import { invalidValue } from '../arguments/errors';
import { optionsOf } from '../arguments/options';
import type { Codec, Decoded } from './Codec';
import { frameMalformed, frameTruncated } from './FramingError';
import { lines } from './lines';
import { MAX_BYTES_OPTION, type MaxBytesOption } from './maxBytes';

const LINE_FEED = 0x0a;
const BLANK = /^[ \t\r]*$/;
/** Some editors and shells put one before the first line. */
const BYTE_ORDER_MARK = '\ufeff';

/** How large a frame may be. @see ndjson */
export type NdjsonOptions = MaxBytesOption;

/**
 * Newline-delimited JSON: one value a line. Blank lines are skipped, and the last line may lack its
 * newline. The bytes have to be UTF-8. `Value` is the caller's word: nothing checks that the values
 * are of this type.
 *
 * Decoding throws {@link FramingError} `ERR_FRAME_MALFORMED` for a line that is no JSON,
 * `ERR_FRAME_TRUNCATED` if that is the last one and lacks its newline, both with the `SyntaxError`
 * of `JSON.parse` as `cause`, and `ERR_FRAME_TOO_LARGE` as {@link lines} does. To pass over bad
 * lines, decode {@link lines} and parse each of them. Encoding throws `TypeError`
 * `ERR_INVALID_ARG_VALUE` for what JSON cannot say, such as `undefined`, a cycle or a `bigint`; what
 * `JSON.stringify` threw is its `cause`.
 *
 * @throws `TypeError` or `RangeError` (`ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`) for a bad
 *   `maxBytes`.
 *
 * @example
 * interface Entry {
 *   level: string;
 *   message: string;
 * }
 *
 * const errors$ = connection.data$.pipe(
 *   decode(ndjson<Entry>()),
 *   filter((entry) => entry.level === 'error'),
 * );
 */
export function ndjson<Value = unknown>(options: NdjsonOptions = {}): Codec<Value> {
  const own = optionsOf('options', options, MAX_BYTES_OPTION);
  const text = lines({ ...own, fatal: true });

  function parse(bytes: Buffer, line: Decoded<string> | null): Decoded<Value> | null {
    if (line === null) {
      return null;
    }
    const { frame: json = '', length } = line;
    if (BLANK.test(json)) {
      return { frame: undefined, length };
    }
    try {
      return { frame: JSON.parse(json) as Value, length };
    } catch (cause) {
      const terminated = bytes[length - 1] === LINE_FEED;
      const mark = json.startsWith(BYTE_ORDER_MARK) ? ': it begins with a byte-order mark' : '';
      throw terminated
        ? frameMalformed(`A line of ${length} bytes is not JSON${mark}`, { cause })
        : frameTruncated(length, { cause });
    }
  }

  return {
    maxEncodedBytes: text.maxEncodedBytes,

    decode: (bytes, seen) => parse(bytes, text.decode(bytes, seen)),

    decodeEnd: (bytes) => parse(bytes, text.decodeEnd(bytes)),

    encode(value) {
      return text.encode(jsonOf(value));
    },
  };
}

/** It gives undefined for a function, a symbol, and undefined itself, which its declaration does not say. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;

function jsonOf(value: unknown): string {
  const requirement = 'must be representable as JSON';
  let json: string | undefined;
  try {
    json = stringify(value);
  } catch (cause) {
    throw invalidValue('value', requirement, value, { cause });
  }
  if (json === undefined) throw invalidValue('value', requirement, value);
  return json;
}
