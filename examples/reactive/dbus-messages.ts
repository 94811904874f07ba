// The messages of D-Bus: a header of fields, each a number and a value, and a body.
import { type Decoder, FramingError } from 'bipoll/framing';
import type { WithDescriptors } from 'bipoll/reactive';
import { aligned, typesOf, type Value, ValueReader, ValueWriter } from './dbus-values';

export const MessageType = { Call: 1, Return: 2, Error: 3, Signal: 4 } as const;

/** The fields of a header, with their numbers and types. */
const FIELDS = {
  path: [1, 'o'],
  interface: [2, 's'],
  member: [3, 's'],
  errorName: [4, 's'],
  replySerial: [5, 'u'],
  destination: [6, 's'],
  sender: [7, 's'],
  signature: [8, 'g'],
  descriptorCount: [9, 'u'],
} as const;

export interface Fields {
  path?: string;
  interface?: string;
  member?: string;
  errorName?: string;
  replySerial?: number;
  destination?: string;
  sender?: string;
  /** The types of the body. */
  signature?: string;
  descriptorCount?: number;
}

/** A message that came, its body unread, since that may name descriptors. */
export interface Message extends Fields {
  type: number;
  serial: number;
  isLittleEndian: boolean;
  body: Buffer;
}

const FIXED_BYTES = 16;
const MAX_BYTES = 128 * 1024 * 1024; // what D-Bus permits

/** The bytes of a message, and the descriptors that go with them. */
export function encodeMessage(
  type: number,
  serial: number,
  fields: Fields,
  values: readonly Value[],
): WithDescriptors {
  const body = new ValueWriter();
  for (const [index, each] of typesOf(fields.signature ?? '').entries()) {
    body.write(each, values[index]!);
  }
  const { descriptors } = body;
  const all: Fields = { ...fields, descriptorCount: descriptors.length };
  if (descriptors.length === 0) delete all.descriptorCount;
  const header = new ValueWriter();
  for (const letter of ['l'.charCodeAt(0), type, 0, 1]) header.write('y', letter);
  header.write('u', body.bytes.length).write('u', serial).write('u', 0);
  for (const [name, value] of Object.entries(all)) {
    const [number, letter] = FIELDS[name as keyof Fields];
    header
      .align(8)
      .write('y', number)
      .write('g', letter)
      .write(letter, value as Value);
  }
  header.bytes.writeUInt32LE(header.bytes.length - FIXED_BYTES, FIXED_BYTES - 4);
  return { bytes: Buffer.concat([header.align(8).bytes, body.bytes]), descriptors };
}

export const messages: Decoder<Message> = {
  maxEncodedBytes: MAX_BYTES,
  decode(bytes) {
    if (bytes.length < FIXED_BYTES) return null;
    const isLittleEndian = bytes[0] === 'l'.charCodeAt(0);
    const reader = new ValueReader(bytes, isLittleEndian, 4);
    const [bodyLength, serial, fieldsLength] = reader.readAll('uuu') as [number, number, number];
    const bodyStart = aligned(FIXED_BYTES + fieldsLength, 8);
    const length = bodyStart + bodyLength;
    if (length > MAX_BYTES) {
      throw new FramingError('ERR_FRAME_TOO_LARGE', `A message cannot have ${length} bytes`);
    }
    if (bytes.length < length) return null;
    const body = Buffer.from(bytes.subarray(bodyStart, length));
    const fields = readFields(reader, FIXED_BYTES + fieldsLength);
    return { frame: { ...fields, type: bytes[1]!, serial, isLittleEndian, body }, length };
  },
  decodeEnd(bytes) {
    throw new FramingError('ERR_FRAME_TRUNCATED', `The stream ended after ${bytes.length} bytes`);
  },
};

function readFields(reader: ValueReader, end: number): Fields {
  const names = Object.keys(FIELDS) as (keyof Fields)[];
  const fields: Record<string, Value> = {};
  while (reader.offset < end) {
    const number = reader.align(8).read('y') as number;
    const value = reader.read(reader.read('g') as string);
    const name = names[number - 1];
    if (name) fields[name] = value;
  }
  return fields;
}
