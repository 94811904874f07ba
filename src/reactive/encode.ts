import { map, type OperatorFunction } from 'rxjs';
import { checkMethods } from '../core/argument';
import type { Encoder } from '../framing';

/**
 * Turns frames into bytes.
 *
 * An error of the Observable: what the encoder throws for a frame that it cannot encode.
 *
 * @example
 * connection.send(replies$.pipe(encode(ndjson()))).subscribe();
 */
export function encode<Frame>(encoder: Encoder<Frame>): OperatorFunction<Frame, Buffer> {
  checkMethods('encoder', 'an Encoder', encoder, ['encode']);
  return map((frame) => encoder.encode(frame));
}
