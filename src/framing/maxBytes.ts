import { constants } from 'node:buffer';
import { invalidType, outOfRange } from '../arguments/errors';
import type { OptionNames } from '../arguments/options';

/** The longest frame that a codec takes unless told otherwise, in bytes: 1 MiB. */
export const DEFAULT_MAX_BYTES = 1024 * 1024;

/** The limit of frames that every codec has. */
export interface MaxBytesOption {
  /**
   * The longest frame, in bytes, without its header or delimiter; at least 1. `Infinity` for no
   * limit but that of a `Buffer`: then a peer decides how much memory this process uses.
   *
   * @defaultValue {@link DEFAULT_MAX_BYTES}, 1 MiB
   */
  readonly maxBytes?: number;
}

export const MAX_BYTES_OPTION: OptionNames<MaxBytesOption> = { maxBytes: true };

/** The limit to use, checked. `Infinity` becomes the length of the longest possible buffer. */
export function checkMaxBytes(maxBytes = DEFAULT_MAX_BYTES): number {
  if (typeof maxBytes !== 'number') {
    throw invalidType('options.maxBytes', 'of type number', maxBytes);
  }
  if (!(maxBytes === Infinity || (Number.isSafeInteger(maxBytes) && maxBytes > 0))) {
    throw outOfRange('options.maxBytes', 'a positive integer or Infinity', maxBytes);
  }
  return Math.min(maxBytes, constants.MAX_LENGTH);
}
