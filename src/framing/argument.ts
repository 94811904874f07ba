import { isUint8Array } from 'node:util/types';
import { invalidType, invalidValue } from '../arguments/errors';

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
}

export function checkOneOf(name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.some((choice) => choice === value)) {
    const list = choices.map((choice) => JSON.stringify(choice)).join(', ');
    throw invalidValue(name, `must be one of ${list}`, value);
  }
}
