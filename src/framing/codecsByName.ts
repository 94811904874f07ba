import { cobs } from './cobs';
import { contentLength } from './contentLength';
import { lengthPrefixed } from './lengthPrefixed';
import { lines } from './lines';
import type { MaxBytesOption } from './maxBytes';
import { ndjson } from './ndjson';
import { netstrings } from './netstrings';
import { slip } from './slip';
import { stxEtx } from './stxEtx';

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
  lines: (limit: MaxBytesOption = {}) => lines(limit),
  /** The same, encoded with `'\r\n'`, as HTTP and Redis want. */
  crlf: (limit: MaxBytesOption = {}) => lines({ ...limit, newline: '\r\n' }),
  /** Newline-delimited JSON: {@link ndjson}. */
  ndjson: (limit: MaxBytesOption = {}) => ndjson(limit),
  /** {@link netstrings}. */
  netstrings: (limit: MaxBytesOption = {}) => netstrings(limit),
  /** Bytes behind a length of one byte: {@link lengthPrefixed}. */
  uint8: (limit: MaxBytesOption = {}) => lengthPrefixed({ ...limit, prefix: 'uint8' }),
  /** Bytes behind a length of two bytes, big-endian: {@link lengthPrefixed}. */
  uint16: (limit: MaxBytesOption = {}) => lengthPrefixed({ ...limit, prefix: 'uint16' }),
  /** Bytes behind a length of four bytes, big-endian: {@link lengthPrefixed}. */
  uint32: (limit: MaxBytesOption = {}) => lengthPrefixed({ ...limit, prefix: 'uint32' }),
  /** Bytes behind a length as Protocol Buffers write it: {@link lengthPrefixed}. */
  varint: (limit: MaxBytesOption = {}) => lengthPrefixed({ ...limit, prefix: 'varint' }),
  /** Messages with headers, as of the Language Server Protocol: {@link contentLength}. */
  'content-length': (limit: MaxBytesOption = {}) => contentLength(limit),
  /** {@link stxEtx}. */
  'stx-etx': (limit: MaxBytesOption = {}) => stxEtx(limit),
  /** {@link slip}. */
  slip: (limit: MaxBytesOption = {}) => slip(limit),
  /** {@link cobs}. */
  cobs: (limit: MaxBytesOption = {}) => cobs(limit),
} as const;

/** @see codecsByName */
export type CodecName = keyof typeof codecsByName;
