import { checkInteger, checkString, invalidValue } from './argument';
import { native } from './native';

const MAX_PORT = 65_535;

export function checkNumericAddress(name: string, value: unknown): string {
  const text = checkString(name, value);
  if (text.includes('\0') || native.addressFamily(text) === 0) {
    throw invalidValue(name, 'must be a numeric address: see resolve()', value);
  }
  return text;
}

export function checkPort(name: string, value: unknown): number {
  return checkInteger(name, value, 0, MAX_PORT);
}
