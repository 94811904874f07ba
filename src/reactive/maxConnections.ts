import { checkInteger } from '../core/argument';

/** How many connections a service has at a time, unless it says otherwise: fewer than would exhaust a process. */
export const MAX_CONNECTIONS = 10_000;

/** A whole number, or `Infinity`. */
export function checkMaxConnections(value: unknown): number {
  if (value === Infinity) return Infinity;
  return checkInteger('maxConnections', value, 1, Number.MAX_SAFE_INTEGER);
}
