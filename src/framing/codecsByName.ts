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
 * maximum frame size, and the defaults for the rest. `uint8`, `uint16`, `uint32` and `varint` are {@link lengthPrefixed}
 * with that prefix, `crlf` is {@link lines} that encodes `'\r\n'`.
 *
 * @example
 * const name = process.argv[2] ?? 'lines';
 * if (!Object.hasOwn(codecsByName, name)) throw new Error(`No codec is called ${name}`);
 * const codec: Codec<unknown> = codecsByName[name as CodecName]({ maxBytes: 4096 });
 */
export const codecsByName = {
  lines: (limit: MaxBytesOption = {}) => lines(limit),
  crlf: (limit: MaxBytesOption = {}) => lines({ ...limit, newline: '\r\n' }),
  ndjson: (limit: MaxBytesOption = {}) => ndjson(limit),
  netstrings: (limit: MaxBytesOption = {}) => netstrings(limit),
  uint8: (limit: MaxBytesOption = {}) => lengthPrefixed({ ...limit, prefix: 'uint8' }),
  uint16: (limit: MaxBytesOption = {}) => lengthPrefixed({ ...limit, prefix: 'uint16' }),
  uint32: (limit: MaxBytesOption = {}) => lengthPrefixed({ ...limit, prefix: 'uint32' }),
  varint: (limit: MaxBytesOption = {}) => lengthPrefixed({ ...limit, prefix: 'varint' }),
  'content-length': (limit: MaxBytesOption = {}) => contentLength(limit),
  'stx-etx': (limit: MaxBytesOption = {}) => stxEtx(limit),
  slip: (limit: MaxBytesOption = {}) => slip(limit),
  cobs: (limit: MaxBytesOption = {}) => cobs(limit),
} as const;

/** @see codecsByName */
export type CodecName = keyof typeof codecsByName;
