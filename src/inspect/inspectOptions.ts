import { checkMethods, type OptionNames, optionsOf } from '../core/argument';
import type { Decoder } from '../framing/Codec';
import { type Place, placeOf } from './Place';

/** Where a live view is served, by a port or a path, and what it can show. */
export interface InspectOptions {
  /** A port of 127.0.0.1, for a browser; 0, the default, lets the system choose. The URL has a token. */
  port?: number;
  /** The path of a socket file that only its owner may open: `npx bipoll watch unix:PATH` shows it in a browser. */
  path?: string;
  /**
   * Decodes the frames of a connection that somebody opens in the page, in both directions: any codec of
   * `bipoll/framing`, or your own. Without it, whoever looks chooses one of `codecsByName`.
   */
  frames?: Decoder<unknown>;
}

const INSPECT_OPTIONS: OptionNames<InspectOptions> = { port: true, path: true, frames: true };

/** @see InspectOptions */
export interface Settings {
  readonly place: Place;
  /** The codec that the service has named; null: none. */
  readonly frames: Decoder<unknown> | null;
}

/** @throws TypeError `ERR_INVALID_ARG_*` @throws RangeError `ERR_OUT_OF_RANGE` */
export function settingsOf(options: InspectOptions): Settings {
  const { port, path, frames } = optionsOf('options', options, INSPECT_OPTIONS);
  if (frames !== undefined) {
    checkMethods('options.frames', 'a Decoder', frames, ['decode', 'decodeEnd']);
  }
  return { place: placeOf({ port, path }), frames: frames ?? null };
}
