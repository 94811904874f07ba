import { checkInteger, invalidValue } from '../core/argument';
import { pathBytes } from '../core/localPath';

/** A checked place. */
export type Place = { readonly port: number } | { readonly path: string };

/** Not checked yet: give one of the two, or neither for any port. */
export interface Where {
  readonly port?: number | undefined;
  readonly path?: string | undefined;
}

/** @throws TypeError `ERR_INVALID_ARG_*` @throws RangeError `ERR_OUT_OF_RANGE` */
export function placeOf({ port, path }: Where): Place {
  if (path === undefined) return { port: checkPort(port ?? 0) };
  if (port !== undefined)
    throw invalidValue('options', 'must have either a port or a path', { port, path });
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
