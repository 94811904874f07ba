import { types } from 'node:util';

/** Whether it is an error, of whichever realm: a test runner has an `Error` class of its own. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}
