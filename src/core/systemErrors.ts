import * as util from 'node:util';
import { native, type Failure } from './native';

/** How Node.js describes an error of the system. */
export interface SystemError {
  /** `ECONNREFUSED` */
  readonly code: string;
  /** Node's number of it: on POSIX systems the system's, negated. */
  readonly errno: number;
  /** `connection refused` */
  readonly text: string;
}

let byCode: Map<string, SystemError> | null = null;

/** The code, number and text that `node:net` has for a failure; the system's own where Node.js knows none. */
export function systemError(failure: Failure): SystemError {
  const code = native.errorName(failure);
  return nodesError(code) ?? { code, errno: failure, text: native.errorMessage(failure) };
}

/** What Node.js has under a code, undefined if it has none. */
export function nodesError(code: string): SystemError | undefined {
  byCode ??= new Map(
    Array.from(ofNode(), ([errno, [name, text]]) => [name, { code: name, errno, text }]),
  );
  return byCode.get(code);
}

/** Bun has no such table. */
function ofNode(): Iterable<[number, [string, string]]> {
  return (util as Partial<typeof util>).getSystemErrorMap?.() ?? [];
}
