// Questions to name servers, and what they answer (RFC 1035): as much as dns-query.ts and mdns-browse.ts need.

export const RecordType = { A: 1, PTR: 12 } as const;
export type RecordType = (typeof RecordType)[keyof typeof RecordType];

export interface Question {
  /** 0 for multicast DNS. */
  id: number;
  name: string;
  type: RecordType;
}

/** A record of type A tells an address, one of type PTR a name. */
export interface DnsRecord {
  name: string;
  type: RecordType;
  value: string;
}

export interface DnsReply {
  id: number;
  /** Why there is no answer, such as 3: no such name; 0: there is one. */
  code: number;
  /** Those of the types above. */
  records: DnsRecord[];
}

const HEADER_BYTES = 12;
const RECURSION_DESIRED = 0x0100;
const IS_RESPONSE = 0x8000;
const INTERNET = 1;
const POINTER = 0xc0;
/** More than a name can have; a name that points to itself has no end. */
const MOST_LABELS = 128;

export function encodeQuestion({ id, name, type }: Question): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(RECURSION_DESIRED, 2);
  header.writeUInt16BE(1, 4);
  const labels = name.split('.').map((label) => {
    const bytes = Buffer.from(label);
    return Buffer.concat([Buffer.of(bytes.length), bytes]);
  });
  return Buffer.concat([header, ...labels, Buffer.of(0, 0, type, 0, INTERNET)]);
}

/** @returns null if that is no reply */
export function decodeReply(bytes: Buffer): DnsReply | null {
  if (bytes.length < HEADER_BYTES || !(bytes.readUInt16BE(2) & IS_RESPONSE)) return null;
  const reader = new Reader(bytes);
  for (let left = bytes.readUInt16BE(4); left > 0; left--) reader.skipQuestion();
  const records: DnsRecord[] = [];
  for (let left = bytes.readUInt16BE(6); left > 0; left--) {
    const record = reader.readRecord();
    if (record) records.push(record);
  }
  return { id: bytes.readUInt16BE(0), code: bytes.readUInt16BE(2) & 15, records };
}

/** Reads a message behind its header. @throws RangeError it is cut */
class Reader {
  readonly #bytes: Buffer;
  #at = HEADER_BYTES;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skipQuestion(): void {
    this.#readName();
    this.#at += 4;
  }

  /** @returns null for a record of another type */
  readRecord(): DnsRecord | null {
    const name = this.#readName();
    const type = this.#bytes.readUInt16BE(this.#at);
    const length = this.#bytes.readUInt16BE(this.#at + 8);
    const start = this.#at + 10;
    this.#at = start + length;
    switch (type) {
      case RecordType.A:
        return { name, type, value: this.#bytes.subarray(start, this.#at).join('.') };
      case RecordType.PTR:
        return { name, type, value: this.#nameAt(start).name };
      default:
        return null;
    }
  }

  #readName(): string {
    const { name, end } = this.#nameAt(this.#at);
    this.#at = end;
    return name;
  }

  #nameAt(start: number): { name: string; end: number } {
    const labels: string[] = [];
    let end = 0;
    for (let at = start; labels.length < MOST_LABELS;) {
      const length = this.#bytes.readUInt8(at);
      if (length >= POINTER) {
        end ||= at + 2;
        at = this.#bytes.readUInt16BE(at) & 0x3fff;
        // A pointer to a pointer counts as well, so that a circle has an end.
        if (this.#bytes.readUInt8(at) >= POINTER) labels.push('');
        continue;
      }
      if (length === 0) return { name: labels.join('.'), end: end || at + 1 };
      labels.push(this.#bytes.toString('utf8', at + 1, at + 1 + length));
      at += 1 + length;
    }
    throw new RangeError('The name is too long');
  }
}
