import { map, type OperatorFunction, pipe } from 'rxjs';
import {
  cobs,
  type Codec,
  contentLength,
  lengthPrefixed,
  netstrings,
  slip,
  stxEtx,
} from 'bipoll/framing';
import { decode } from 'bipoll/reactive';
import { byteLines, withNewline } from './byteLines';
import type { FramingName } from './definitions/framingNames';
import { checkedJson, jsonLines } from './jsonLines';

/** How a stream of bytes is cut into frames, and a line becomes one. Their bytes are passed on as they are. */
export interface Framing {
  /** Frames as they are shown, without what marks their beginning and end. */
  readonly cut: OperatorFunction<Uint8Array, Buffer>;
  /** @param index how many lines came before, for what is told of a bad one */
  readonly encode: (line: Buffer, index: number) => Buffer;
}

const framings: Readonly<Record<FramingName, () => Framing>> = {
  lines: () => lineFraming('\n'),
  crlf: () => lineFraming('\r\n'),
  ndjson: jsonFraming,
  netstrings: () => byteFraming(netstrings()),
  uint8: () => byteFraming(lengthPrefixed({ prefix: 'uint8' })),
  uint16: () => byteFraming(lengthPrefixed({ prefix: 'uint16' })),
  uint32: () => byteFraming(lengthPrefixed({ prefix: 'uint32' })),
  varint: () => byteFraming(lengthPrefixed({ prefix: 'varint' })),
  'content-length': () => byteFraming(contentLength()),
  'stx-etx': () => byteFraming(stxEtx()),
  slip: () => byteFraming(slip()),
  cobs: () => byteFraming(cobs()),
};

export function framingOf(name: FramingName): Framing {
  return framings[name]();
}

/** Makes a frame of each line. */
export function frameLines({ encode }: Framing): OperatorFunction<Uint8Array, Buffer> {
  return pipe(byteLines(), map(encode));
}

function lineFraming(newline: '\n' | '\r\n'): Framing {
  return { cut: byteLines(), encode: (line) => withNewline(line, newline) };
}

function byteFraming(codec: Codec<Buffer, Uint8Array>): Framing {
  return { cut: decode(codec), encode: (line) => codec.encode(line) };
}

/** What is typed is checked: a line that is no JSON is refused before it is sent. */
function jsonFraming(): Framing {
  return {
    cut: jsonLines('what came'),
    encode: (line, index) => withNewline(checkedJson(line, index, 'the input'), '\n'),
  };
}
