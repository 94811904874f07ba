import { inspect } from 'node:util';

/** Short: a buffer of a megabyte, or a tree of objects, does not belong into a message. */
const BRIEFLY = {
  depth: 0,
  maxArrayLength: 8,
  maxStringLength: 64,
  breakLength: Infinity,
} as const;

/**
 * Shows a value in a message. It calls no inspection of the value's own, and never throws: whatever a caller passes, the
 * error that refuses it can be made.
 */
export function inspected(value: unknown): string {
  try {
    return inspect(value, { ...BRIEFLY, customInspect: false });
  } catch {
    return `${typeof value === 'function' ? 'a function' : 'an object'} that cannot be inspected`;
  }
}
