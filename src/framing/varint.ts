import { frameMalformed } from './FramingError';

/** The largest number that is read and written: 32 bits, 5 bytes. */
export const MAX_VARINT = 0xffff_ffff;

const MAX_SIZE = 5;
const LAST_BYTE_MAX = 0x0f;

/** The bytes that an unsigned LEB128 number takes: 7 bits in each. */
export function varintSize(value: number): number {
  return value < 0x80 ? 1 : Math.ceil((32 - Math.clz32(value)) / 7);
}

/**
 * Reads the unsigned LEB128 number at the start, as in Protocol Buffers; `null` while it is not
 * complete.
 *
 * @throws {@link FramingError} `ERR_FRAME_MALFORMED` for more than 32 bits, and for a number
 *   written in more bytes than it needs, so that every number has one encoding only.
 */
export function readVarint(bytes: Buffer): number | null {
  let value = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    if (index === MAX_SIZE - 1 && byte > LAST_BYTE_MAX) {
      throw frameMalformed('A varint has more than 32 bits');
    }
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) {
      if (byte === 0 && index > 0) {
        throw frameMalformed(`The varint of ${value} is over-long: ${index + 1} bytes`);
      }
      return value;
    }
  }
  return null;
}

/** Writes `value`, at most {@link MAX_VARINT}, at the start of `bytes`. */
export function writeVarint(value: number, bytes: Buffer): void {
  let index = 0;
  while (value >= 0x80) {
    bytes[index++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[index] = value;
}
