import { map, type OperatorFunction, pipe } from 'rxjs';
import { type Codec, codecsByName } from 'bipoll/framing';
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

export function framingOf(name: FramingName): Framing {
  switch (name) {
    case 'lines':
      return lineFraming('\n');
    case 'crlf':
      return lineFraming('\r\n');
    case 'ndjson':
      return jsonFraming();
    default:
      return byteFraming(codecsByName[name]());
  }
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
