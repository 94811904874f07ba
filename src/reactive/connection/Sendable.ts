import { types } from 'node:util';
import { invalidType, invalidValue, propertyOf } from '../../core/argument';
import { checkDescriptors } from '../../core/checkDescriptors';
import type { Socket } from '../../core/Socket';
import type { Chunk } from './Transport';

/**
 * Bytes, at least one, that descriptors are attached to.
 *
 * @example
 * connection.write({ bytes: 'take this', descriptors: [adopt(openSync('log', 'a'), 'descriptor')] });
 */
export interface WithDescriptors {
  readonly bytes: Uint8Array | string;
  /**
   * At most 64 sockets, or what `adopt` made of other descriptors. The peer gets descriptors of its own; these stay
   * yours, and may be closed at once.
   */
  readonly descriptors: readonly Socket[];
}

/** What a connection can send. */
export type Sendable = Chunk | WithDescriptors;

/** The bytes alone. */
export function bytesOf(sendable: Sendable): Chunk {
  return isChunk(sendable) ? sendable : sendable.bytes;
}

export function isChunk(value: unknown): value is Chunk {
  return typeof value === 'string' || types.isUint8Array(value);
}

/**
 * Refuses what is no chunk with descriptors.
 *
 * @param name of the argument
 * @returns its parts, each read once
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 * @throws SocketClosedError one of the sockets is closed
 */
export function checkWithDescriptors(name: string, sendable: unknown): WithDescriptors {
  const isObject = Object(sendable) === sendable;
  const bytes = isObject ? propertyOf(name, sendable, 'bytes') : undefined;
  const descriptors = isObject ? propertyOf(name, sendable, 'descriptors') : undefined;
  if (bytes === undefined || descriptors === undefined) throw wrongType(name, sendable);
  if (!isChunk(bytes)) throw wrongType(`${name}.bytes`, bytes);
  if (bytes.length === 0) throw invalidValue(`${name}.bytes`, 'must hold at least one byte', bytes);
  return { bytes, descriptors: checkDescriptors(`${name}.descriptors`, descriptors) };
}

function wrongType(name: string, value: unknown): TypeError {
  return invalidType(name, 'a string, Buffer or Uint8Array', value);
}
