import { currentOrigin } from './Origin';

/**
 * How many bytes a value is worth: its own if it is bytes, its length if it is text, else those of the chunk or frame that
 * it was made from, as far as that is known.
 */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  return currentOrigin()?.takeSize() ?? 0;
}
