import { map, type OperatorFunction } from 'rxjs';
import { invalidType } from '../core/argument';
import type { Encoder } from '../framing';

/**
 * Turns frames into bytes.
 *
 * An error of the Observable: what the encoder throws, for a frame that it cannot say.
 *
 * @example
 * connection.send(replies$.pipe(encode(ndjson()))).subscribe();
 */
export function encode<Frame>(encoder: Encoder<Frame>): OperatorFunction<Frame, Buffer> {
  if (typeof (encoder as Partial<Encoder<Frame>> | null)?.encode !== 'function') {
    throw invalidType('encoder', 'an Encoder', encoder);
  }
  return map((frame) => encoder.encode(frame));
}
