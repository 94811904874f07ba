import { isUint8Array } from 'node:util/types';
import { isDetached } from '../arguments/detached';
import { invalidType, invalidValue, outOfRange } from '../arguments/errors';

export function checkString(name: string, value: unknown): void {
  if (typeof value !== 'string') {
    throw invalidType(name, 'of type string', value);
  }
}

export function checkBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') {
    throw invalidType(name, 'of type boolean', value);
  }
}

export function checkBytes(name: string, value: unknown): void {
  if (!isUint8Array(value)) {
    throw invalidType(name, 'an instance of Buffer or Uint8Array', value);
  }
  if (isDetached(value)) throw invalidValue(name, 'must not be detached', value);
}

/** A whole number that is not negative. */
export function checkCount(name: string, value: unknown): void {
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw outOfRange(name, 'an integer that is not negative', value);
  }
}

/** What a decoder is given: `bytes`, of which it has `seen` so many. */
export function checkFront(bytes: unknown, seen: unknown): void {
  if (!isUint8Array(bytes) || !Buffer.isBuffer(bytes)) {
    throw invalidType('bytes', 'an instance of Buffer', bytes);
  }
  if (typeof seen !== 'number') throw invalidType('seen', 'of type number', seen);
}

export function checkOneOf(name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.some((choice) => choice === value)) {
    const list = choices.map((choice) => JSON.stringify(choice)).join(', ');
    throw invalidValue(name, `must be one of ${list}`, value);
  }
}
