import { types } from 'node:util';
import { invalidType, propertyOf } from '../core/argument';
import {
  checkWithDescriptors,
  isChunk,
  type Sendable,
  type WithDescriptors,
} from '../reactive/connection/Sendable';
import type { Chunk } from '../reactive/connection/Transport';

/** The bytes of a chunk, text as UTF-8, in memory of their own. */
export function copyChunk(name: string, chunk: Chunk): Buffer {
  if (typeof chunk === 'string' || types.isUint8Array(chunk)) return Buffer.from(chunk);
  throw invalidType(name, 'a string, Buffer or Uint8Array', chunk);
}

/** The chunk that a letter of a diagram stands for, copied. A letter without a value stands for itself. */
export function chunkOf(values: Readonly<Record<string, Chunk>>, mark: string): Buffer {
  return copyChunk(`values.${mark}`, (propertyOf('values', values, mark) ?? mark) as Chunk);
}

/** As {@link chunkOf}, with the descriptors that the peer attaches to it. */
export function parcelOf(
  values: Readonly<Record<string, Sendable>>,
  mark: string,
): WithDescriptors & { bytes: Buffer } {
  const value = propertyOf('values', values, mark) ?? mark;
  if (isChunk(value)) return { bytes: copyChunk(`values.${mark}`, value), descriptors: [] };
  const { bytes, descriptors } = checkWithDescriptors(`values.${mark}`, value);
  return { bytes: copyChunk(`values.${mark}`, bytes), descriptors };
}
