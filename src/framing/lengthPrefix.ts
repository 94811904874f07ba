import { MAX_VARINT, readVarint, varintSize, writeVarint } from './varint';

/** An unsigned integer of 1, 2 or 4 bytes, or an unsigned LEB128 number of up to 32 bits. */
export type PrefixFormat = 'uint8' | 'uint16' | 'uint32' | 'varint';

/** How a length is written in front of a frame. */
export interface LengthPrefix {
  /** The largest length that can be written. */
  readonly maxLength: number;
  /** The bytes that the prefix of this length takes. */
  sizeOf(length: number): number;
  /** The length at the start of `bytes`, `null` while it is not complete. */
  read(bytes: Buffer): number | null;
  /** Writes the length at the start of `bytes`. */
  write(length: number, bytes: Buffer): void;
}

/** The prefix of this format. A varint has a byte order of its own. */
export function lengthPrefix(format: PrefixFormat, littleEndian: boolean): LengthPrefix {
  switch (format) {
    case 'uint8':
      return integerPrefix(1, littleEndian);
    case 'uint16':
      return integerPrefix(2, littleEndian);
    case 'uint32':
      return integerPrefix(4, littleEndian);
    case 'varint':
      return varintPrefix;
  }
}

const varintPrefix: LengthPrefix = {
  maxLength: MAX_VARINT,
  sizeOf: varintSize,
  read: readVarint,
  write: writeVarint,
};

function integerPrefix(size: 1 | 2 | 4, littleEndian: boolean): LengthPrefix {
  return {
    maxLength: 2 ** (8 * size) - 1,
    sizeOf: () => size,
    read(bytes) {
      if (bytes.length < size) {
        return null;
      }
      return littleEndian ? bytes.readUIntLE(0, size) : bytes.readUIntBE(0, size);
    },
    write(length, bytes) {
      if (littleEndian) {
        bytes.writeUIntLE(length, 0, size);
      } else {
        bytes.writeUIntBE(length, 0, size);
      }
    },
  };
}
