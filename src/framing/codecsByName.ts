import { optionsOf } from '../arguments/options';
import { cobs } from './cobs';
import { contentLength } from './contentLength';
import { lengthPrefixed } from './lengthPrefixed';
import { lines } from './lines';
import { MAX_BYTES_OPTION, type MaxBytesOption } from './maxBytes';
import { ndjson } from './ndjson';
import { netstrings } from './netstrings';
import { slip } from './slip';
import { stxEtx } from './stxEtx';

/** Checks the options before others are added to them. */
function named<AnyCodec>(codecOf: (limit: MaxBytesOption) => AnyCodec) {
  return (options: MaxBytesOption = {}): AnyCodec =>
    codecOf(optionsOf('options', options, MAX_BYTES_OPTION));
}

/**
 * The codecs that a person can choose by name: what `--frame` of the command line and the live view offer. Each takes its
 * maximum frame size, and has the defaults for the rest.
 *
 * @example
 * const name = process.argv[2] ?? 'lines';
 * if (!Object.hasOwn(codecsByName, name)) throw new Error(`No codec is called ${name}`);
 * const codec: Codec<unknown> = codecsByName[name as CodecName]({ maxBytes: 4096 });
 */
export const codecsByName = {
  /** Lines of text, of `'\n'` or `'\r\n'`: {@link lines}. */
  lines: named(lines),
  /** The same, encoded with `'\r\n'`, as HTTP and Redis want. */
  crlf: named((limit) => lines({ ...limit, newline: '\r\n' })),
  /** Newline-delimited JSON: {@link ndjson}. */
  ndjson: named((limit) => ndjson(limit)),
  /** {@link netstrings}. */
  netstrings: named(netstrings),
  /** Bytes behind a length of one byte: {@link lengthPrefixed}. */
  uint8: named((limit) => lengthPrefixed({ ...limit, prefix: 'uint8' })),
  /** Bytes behind a length of two bytes, big-endian: {@link lengthPrefixed}. */
  uint16: named((limit) => lengthPrefixed({ ...limit, prefix: 'uint16' })),
  /** Bytes behind a length of four bytes, big-endian: {@link lengthPrefixed}. */
  uint32: named((limit) => lengthPrefixed({ ...limit, prefix: 'uint32' })),
  /** Bytes behind a length as Protocol Buffers write it: {@link lengthPrefixed}. */
  varint: named((limit) => lengthPrefixed({ ...limit, prefix: 'varint' })),
  /** Messages with headers, as of the Language Server Protocol: {@link contentLength}. */
  'content-length': named(contentLength),
  /** {@link stxEtx}. */
  'stx-etx': named(stxEtx),
  /** {@link slip}. */
  slip: named(slip),
  /** {@link cobs}. */
  cobs: named(cobs),
} as const;

/** @see codecsByName */
export type CodecName = keyof typeof codecsByName;
