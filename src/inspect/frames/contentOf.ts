import { inspect } from 'node:util';
import { isUint8Array } from 'node:util/types';
import type { ShownFrame } from '../wire';

const ONE_LINE = { compact: true, breakLength: Infinity };

/**
 * A frame as it is shown, whatever its codec makes of bytes: bytes and text as they are, another value as JavaScript
 * writes it.
 *
 * @param most bytes, or characters
 */
export function contentOf(frame: unknown, most: number): Pick<ShownFrame, 'content' | 'isCut'> {
  if (isUint8Array(frame)) {
    const { buffer, byteOffset, length } = frame;
    const base64 = Buffer.from(buffer, byteOffset, Math.min(length, most)).toString('base64');
    return { content: { base64 }, isCut: length > most };
  }
  const text = typeof frame === 'string' ? frame : textOf(frame, most);
  return { content: { text: text.slice(0, most) }, isCut: text.length > most };
}

function textOf(value: unknown, most: number): string {
  try {
    return inspect(value, { ...ONE_LINE, depth: 4, maxArrayLength: 100, maxStringLength: most });
  } catch {
    return 'a value that cannot be shown'; // its class has a method for this, which throws
  }
}
