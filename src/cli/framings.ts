import { map, type OperatorFunction, pipe } from 'rxjs';
import {
  cobs,
  type Codec,
  contentLength,
  lengthPrefixed,
  lines,
  ndjson,
  netstrings,
  slip,
  stxEtx,
} from 'bipoll/framing';
import { decode } from 'bipoll/reactive';
import type { FramingName } from './definitions/framingNames';

/** How a stream of bytes is cut into frames, and text becomes one. */
export interface Framing {
  /** Frames as they are shown, without what marks their beginning and end. */
  readonly cut: OperatorFunction<Uint8Array, string | Buffer>;
  readonly encode: (text: string) => Buffer;
}

const framings: Readonly<Record<FramingName, () => Framing>> = {
  lines: () => textFraming(lines()),
  crlf: () => textFraming(lines({ newline: '\r\n' })),
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
  return pipe(decode(lines()), map(encode));
}

function textFraming(codec: Codec<string>): Framing {
  return { cut: decode(codec), encode: (text) => codec.encode(text) };
}

function byteFraming(codec: Codec<Buffer, Uint8Array>): Framing {
  return { cut: decode(codec), encode: (text) => codec.encode(Buffer.from(text)) };
}

/** What is typed is checked: a line that is not JSON is refused before it is sent. */
function jsonFraming(): Framing {
  const codec = ndjson();
  return {
    cut: pipe(
      decode(codec),
      map((value) => JSON.stringify(value)),
    ),
    encode: (text) => codec.encode(JSON.parse(text)),
  };
}
