import { types } from 'node:util';
import { invalidType } from '../core/argument';
import type { Chunk } from '../reactive/connection/Transport';

/** The bytes of a chunk, text as UTF-8, in memory of their own. */
export function copyChunk(name: string, chunk: Chunk): Buffer {
  if (typeof chunk === 'string' || types.isUint8Array(chunk)) return Buffer.from(chunk);
  throw invalidType(name, 'a string, Buffer or Uint8Array', chunk);
}
