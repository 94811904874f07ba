import { MAX_VARINT, readVarint, varintSize, writeVarint } from './varint';

/** An unsigned integer of so many bits. */
export type IntegerFormat = 'uint8' | 'uint16' | 'uint24' | 'uint32' | 'uint64';

/** An unsigned integer, or an unsigned LEB128 number of up to 32 bits. */
export type PrefixFormat = IntegerFormat | 'varint';

/** In bytes. */
const INTEGER_SIZES: Readonly<Record<IntegerFormat, number>> = {
  uint8: 1,
  uint16: 2,
  uint24: 3,
  uint32: 4,
  uint64: 8,
};

export const INTEGER_FORMATS = Object.keys(INTEGER_SIZES) as IntegerFormat[];
export const PREFIX_FORMATS: readonly PrefixFormat[] = [...INTEGER_FORMATS, 'varint'];

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
  if (format === 'varint') return varintPrefix;
  const size = INTEGER_SIZES[format];
  return size === 8 ? longPrefix(littleEndian) : integerPrefix(size, littleEndian);
}

const varintPrefix: LengthPrefix = {
  maxLength: MAX_VARINT,
  sizeOf: varintSize,
  read: readVarint,
  write: writeVarint,
};

function integerPrefix(size: number, littleEndian: boolean): LengthPrefix {
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

/** A length beyond what numbers hold exactly is read as a rounded one: it is over any limit. */
function longPrefix(littleEndian: boolean): LengthPrefix {
  return {
    maxLength: Number.MAX_SAFE_INTEGER,
    sizeOf: () => 8,
    read(bytes) {
      if (bytes.length < 8) {
        return null;
      }
      return Number(littleEndian ? bytes.readBigUInt64LE(0) : bytes.readBigUInt64BE(0));
    },
    write(length, bytes) {
      if (littleEndian) {
        bytes.writeBigUInt64LE(BigInt(length), 0);
      } else {
        bytes.writeBigUInt64BE(BigInt(length), 0);
      }
    },
  };
}
