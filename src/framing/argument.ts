import { isUint8Array } from 'node:util/types';
import { invalidArgType, invalidArgValue } from './argumentError';

export function checkString(name: string, value: unknown): void {
  if (typeof value !== 'string') {
    throw invalidArgType(name, 'of type string', value);
  }
}

export function checkBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') {
    throw invalidArgType(name, 'of type boolean', value);
  }
}

export function checkBytes(name: string, value: unknown): void {
  if (!isUint8Array(value)) {
    throw invalidArgType(name, 'an instance of Buffer or Uint8Array', value);
  }
}

export function checkOneOf(name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.some((choice) => choice === value)) {
    const list = choices.map((choice) => JSON.stringify(choice)).join(', ');
    throw invalidArgValue(name, `must be one of ${list}`, value);
  }
}
