import { checkInteger, invalidValue, type OptionNames, optionsOf } from '../core/argument';
import { pathBytes } from '../core/localPath';

/** Where a live view is served: give one of the two. */
export interface InspectOptions {
  /** A port of 127.0.0.1, for a browser; 0, the default, lets the system choose. The URL has a token. */
  port?: number;
  /** The path of a socket file that only its owner may open: `npx bipoll watch unix:PATH` shows it in a browser. */
  path?: string;
}

const INSPECT_OPTIONS: OptionNames<InspectOptions> = { port: true, path: true };

/** A checked place. */
export type Place = { readonly port: number } | { readonly path: string };

/** @throws TypeError `ERR_INVALID_ARG_*` @throws RangeError `ERR_OUT_OF_RANGE` */
export function placeOf(options: unknown): Place {
  const { port, path } = optionsOf('options', options as InspectOptions, INSPECT_OPTIONS);
  if (path === undefined) return { port: checkPort(port ?? 0) };
  if (port !== undefined)
    throw invalidValue('options', 'must have either a port or a path', options);
  pathBytes('path', path);
  if (path.startsWith('\0')) {
    throw invalidValue('path', 'must be a path: an abstract name has no owner', path);
  }
  return { path };
}

export function checkPort(port: unknown): number {
  return checkInteger('port', port, 0, 65_535);
}

/** Reads `unix:/path` or `tcp:PORT`. @throws TypeError `ERR_INVALID_ARG_VALUE` */
export function placeIn(text: string): Place {
  const [, scheme, rest = ''] = /^(unix|tcp):(.+)$/.exec(text) ?? [];
  if (scheme === 'unix') return placeOf({ path: rest });
  if (scheme === 'tcp' && /^\d{1,5}$/.test(rest)) return placeOf({ port: Number(rest) });
  throw invalidValue('BIPOLL_INSPECT', 'must be unix:/path or tcp:PORT', text);
}
