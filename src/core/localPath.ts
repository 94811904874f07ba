import { checkString, invalidValue } from './argument';

/** A path, or an abstract name, as the engine takes it. */
export function pathBytes(name: string, path: unknown): Buffer {
  const text = checkString(name, path);
  if (text === '') throw invalidValue(name, 'must not be empty', path);
  if (text.includes('\0', 1) && !text.startsWith('\0')) {
    throw invalidValue(name, 'must not contain a NUL', path);
  }
  return Buffer.from(text);
}
