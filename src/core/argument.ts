import { types } from 'node:util';
import { invalidType, outOfRange, unreadable } from '../arguments/errors';
import { propertyOf } from '../arguments/options';

export { isDetached } from '../arguments/detached';
export { invalidThis, invalidType, invalidValue, outOfRange } from '../arguments/errors';
export { inspected } from '../arguments/inspected';
export {
  mergedOptions,
  type OptionNames,
  optionsOf,
  partOf,
  propertyOf,
} from '../arguments/options';

export function checkOptions(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw invalidType(name, 'an object', value);
}

export function checkString(name: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidType(name, 'a string', value);
  return value;
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalidType(name, 'a boolean', value);
  return value;
}

export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number') throw invalidType(name, 'a number', value);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw outOfRange(name, `an integer >= ${min} and <= ${max}`, value);
  }
  return value;
}

/** Milliseconds, fractions allowed; `Infinity` is no limit. */
export function checkTimeout(name: string, value: unknown): number {
  if (typeof value !== 'number') throw invalidType(name, 'a number of milliseconds', value);
  if (!(value >= 0)) throw outOfRange(name, '>= 0', value);
  return value;
}

/** An object of one of our classes. */
export function checkInstance<T>(
  name: string,
  ofClass: abstract new (...args: never[]) => T,
  value: unknown,
): T {
  if (isInstance(ofClass, value)) return value;
  throw invalidType(name, `an instance of ${ofClass.name}`, value);
}

/** An object of one of several of our classes. */
export function checkAnyInstance(
  name: string,
  expected: string,
  classes: readonly (abstract new (...args: never[]) => object)[],
  value: unknown,
): object {
  if (classes.some((each) => isInstance(each, value))) return value as object;
  throw invalidType(name, expected, value);
}

/** An object that has these methods, of whatever class. */
export function checkMethods(
  name: string,
  expected: string,
  value: unknown,
  methods: readonly string[],
): void {
  for (const method of methods) {
    if (typeof propertyOf(name, value, method) !== 'function')
      throw invalidType(name, expected, value);
  }
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidType(name, 'a function', value);
}

/** Of a Proxy whose trap throws that is not so. */
function isInstance<T>(ofClass: abstract new (...args: never[]) => T, value: unknown): value is T {
  try {
    return value instanceof ofClass;
  } catch {
    return false;
  }
}

/** The items of an array, each read only once: an array with getters could otherwise change between two looks. */
export function checkArray(name: string, expected: string, value: unknown): unknown[] {
  try {
    if (Array.isArray(value)) return Array.from(value as unknown[]);
  } catch (error) {
    throw unreadable(name, error);
  }
  throw invalidType(name, expected, value);
}

export function checkBytes(name: string, value: unknown): Uint8Array {
  if (!types.isUint8Array(value)) throw invalidType(name, 'a Buffer or Uint8Array', value);
  return value;
}
