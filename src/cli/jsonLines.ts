import { isUtf8 } from 'node:buffer';
import { filter, map, type OperatorFunction, pipe } from 'rxjs';
import { FramingError } from 'bipoll/framing';
import { byteLines } from './byteLines';

/** Cuts lines, and fails at the first one that is no JSON. Blank ones are skipped. @param origin whose lines they are */
export function jsonLines(origin: string): OperatorFunction<Uint8Array, Buffer> {
  return pipe(
    byteLines(),
    map((line, index) => checkedJson(line, index, origin)),
    filter((line) => !isBlank(line)),
  );
}

/**
 * The line, unless it is no JSON. As it is: parsed and written again, a large number would be another one, and of equal keys
 * only the last would be left.
 *
 * @throws FramingError
 */
export function checkedJson(line: Buffer, index: number, origin: string): Buffer {
  if (isBlank(line)) return line;
  try {
    if (isUtf8(line)) {
      JSON.parse(line.toString());
      return line;
    }
  } catch (cause) {
    throw noJson(index, origin, { cause });
  }
  throw noJson(index, origin);
}

function noJson(index: number, origin: string, options?: ErrorOptions): FramingError {
  const message = `Line ${index + 1} of ${origin} is no JSON`;
  return new FramingError('ERR_FRAME_MALFORMED', message, options);
}

function isBlank(line: Buffer): boolean {
  return line.toString('latin1').trim() === '';
}
