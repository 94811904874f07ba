// The values of D-Bus on the wire: numbers, texts, descriptors, and arrays of these. Each type is a letter.
import type { Socket } from 'bipoll';

/** A descriptor (`h`) is the socket that `bipoll` has made of it. */
export type Value = number | boolean | string | Socket | Value[];

const ALIGNMENT: Readonly<Record<string, number>> = { y: 1, g: 1 };

/** All other types begin at a multiple of four bytes. */
export function alignmentOf(type: string): number {
  return ALIGNMENT[type] ?? 4;
}

export function aligned(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** The single types of a signature: `sas` is a text, and an array of texts. */
export function typesOf(signature: string): string[] {
  return signature.match(/a?[ybiusogh]/g) ?? [];
}

/** Writes values, each where its type is aligned. */
export class ValueWriter {
  #bytes = Buffer.alloc(0);
  /** What the values of type `h` are, by their index. */
  readonly descriptors: Socket[] = [];

  get bytes(): Buffer {
    return this.#bytes;
  }

  align(alignment: number): this {
    return this.#append(Buffer.alloc(aligned(this.#bytes.length, alignment) - this.#bytes.length));
  }

  write(type: string, value: Value): this {
    if (type.startsWith('a')) return this.#writeArray(type.slice(1), value as Value[]);
    this.align(alignmentOf(type));
    switch (type) {
      case 'y':
        return this.#append(Buffer.from([value as number]));
      case 's':
      case 'o':
        return this.#writeText(uint32(Buffer.byteLength(value as string)), value as string);
      case 'g':
        return this.#writeText(Buffer.from([(value as string).length]), value as string);
      case 'h':
        return this.#append(uint32(this.descriptors.push(value as Socket) - 1));
      default:
        return this.#append(uint32(Number(value) >>> 0));
    }
  }

  #writeText(length: Buffer, text: string): this {
    return this.#append(length, Buffer.from(`${text}\0`));
  }

  #writeArray(type: string, items: readonly Value[]): this {
    this.write('u', 0);
    const start = this.#bytes.length;
    for (const item of items) this.write(type, item);
    this.#bytes.writeUInt32LE(this.#bytes.length - start, start - 4);
    return this;
  }

  #append(...pieces: readonly Buffer[]): this {
    this.#bytes = Buffer.concat([this.#bytes, ...pieces]);
    return this;
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Reads values, of either byte order. */
export class ValueReader {
  readonly #bytes: Buffer;
  readonly #isLittleEndian: boolean;
  readonly #descriptors: readonly Socket[];
  offset: number;

  /** @param descriptors what the values of type `h` are, by their index */
  constructor(
    bytes: Buffer,
    isLittleEndian: boolean,
    offset = 0,
    descriptors: readonly Socket[] = [],
  ) {
    this.#bytes = bytes;
    this.#isLittleEndian = isLittleEndian;
    this.offset = offset;
    this.#descriptors = descriptors;
  }

  align(alignment: number): this {
    this.offset = aligned(this.offset, alignment);
    return this;
  }

  readAll(signature: string): Value[] {
    return typesOf(signature).map((type) => this.read(type));
  }

  read(type: string): Value {
    if (type.startsWith('a')) return this.#readArray(type.slice(1));
    this.align(alignmentOf(type));
    switch (type) {
      case 'y':
        return this.#bytes.readUInt8(this.offset++);
      case 'i':
        return this.#number() | 0;
      case 'b':
        return this.#number() !== 0;
      case 's':
      case 'o':
        return this.#text(this.#number());
      case 'g':
        return this.#text(this.#bytes.readUInt8(this.offset++));
      case 'h':
        return this.#descriptor(this.#number());
      default:
        return this.#number();
    }
  }

  #number(): number {
    const at = this.offset;
    this.offset += 4;
    return this.#isLittleEndian ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at);
  }

  #text(length: number): string {
    const start = this.offset;
    this.offset += length + 1;
    return this.#bytes.toString('utf8', start, start + length);
  }

  #descriptor(index: number): Socket {
    const descriptor = this.#descriptors[index];
    if (!descriptor) throw new RangeError(`The message has no descriptor ${index}`);
    return descriptor;
  }

  #readArray(type: string): Value[] {
    const length = this.#number();
    const end = this.offset + length;
    const items: Value[] = [];
    while (this.offset < end) items.push(this.read(type));
    return items;
  }
}
