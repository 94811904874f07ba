import type { CodecName } from 'bipoll/framing';
import type { ValueOption } from '../arguments/Option';
import { readOneOf } from '../arguments/read';

/** What `--frame` takes: the names of `codecsByName`, repeated here so that help loads no library. */
export const FRAMING_NAMES = [
  'lines',
  'crlf',
  'ndjson',
  'netstrings',
  'uint8',
  'uint16',
  'uint32',
  'varint',
  'content-length',
  'stx-etx',
  'slip',
  'cobs',
] as const satisfies readonly CodecName[];

export type FramingName = (typeof FRAMING_NAMES)[number];

export function frameOption(description: string): ValueOption<FramingName> {
  return {
    kind: 'value',
    short: 'f',
    placeholder: 'FRAMING',
    description,
    choices: FRAMING_NAMES,
    read: readOneOf(FRAMING_NAMES),
  };
}
