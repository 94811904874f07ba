import { map, type OperatorFunction, pipe } from 'rxjs';
import { delimiter } from 'bipoll/framing';
import { decode } from 'bipoll/reactive';

const CARRIAGE_RETURN = 0x0d;

/** Cuts lines, ended by `\n` or `\r\n`, in whatever encoding. The last one may lack its end. */
export function byteLines(): OperatorFunction<Uint8Array, Buffer> {
  return pipe(
    decode(delimiter('\n', { allowUnterminated: true })),
    map((line) => (line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line)),
  );
}

export function withNewline(line: Uint8Array, newline: string): Buffer {
  return Buffer.concat([line, Buffer.from(newline)]);
}
