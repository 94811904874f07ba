import { orThrow, type Where } from './errors';
import type { Message } from './messages';
import { END, MAX_MESSAGES, MESSAGE_FIELDS, native, type Token } from './native';

/** The sender of a message, as the engine reports it: a host and a port, a path and null, or two nulls. */
export type Sender = readonly [hostOrPath: string | null, port: number | null];

/** A socket that messages are received from. */
export interface Receiving<Address> {
  readonly token: Token;
  readonly where: Where;
  /** No message of its kind is longer. */
  readonly longestMessage: number;
  addressOf(sender: Sender): Address;
}

/** Room for as many messages as one call gives, if they are UDP's. */
const MEMORY_BYTES = 4 * 1024 * 1024;

/** Messages of one call that are shorter in all share a piece of memory, as small Buffers share Node's pool. */
const MAX_SHARED_BYTES = 16 * 1024;

/** What messages are received into. All sockets share it: nothing happens between filling and emptying it. */
interface Inbox {
  readonly memory: Buffer;
  readonly fields: Float64Array;
}

let shared: Inbox | null = null;

function inboxFor(slotBytes: number): Inbox {
  shared ??= {
    memory: Buffer.allocUnsafeSlow(MEMORY_BYTES),
    fields: new Float64Array(MESSAGE_FIELDS * MAX_MESSAGES),
  };
  if (slotBytes <= MEMORY_BYTES) return shared;
  return { memory: Buffer.allocUnsafeSlow(slotBytes), fields: shared.fields };
}

/** Receives up to `most` messages, in one call. None: there are none now, or there will be no more. */
export function receiveNow<Address>(
  socket: Receiving<Address>,
  most: number,
  maxBytes: number,
): Message<Address>[] {
  const slotBytes = Math.min(maxBytes, socket.longestMessage);
  const { memory, fields } = inboxFor(slotBytes);
  const senders: (string | number | null)[] = [];
  const got = native.receiveMessages(socket.token, memory, slotBytes, most, fields, senders);
  if (got === 0 || got === END) return [];
  const count = orThrow(got, 'recvmsg', socket.where);
  const copies = copiesOf(memory, slotBytes, fields, count);
  const messages: Message<Address>[] = [];
  let known = -1;
  let from: Address | null = null;
  for (const [index, bytes] of copies.entries()) {
    const field = index * MESSAGE_FIELDS;
    const sender = fields[field + 3]!;
    if (sender !== known) {
      const [host, port] = senders.slice(2 * sender, 2 * sender + 2);
      // Several messages have the same object.
      from = Object.freeze(socket.addressOf([host as string | null, port as number | null]));
      known = sender;
    }
    messages.push({
      bytes,
      from: from as Address,
      truncated: fields[field + 1] !== 0,
      dropped: fields[field + 2]!,
    });
  }
  return messages;
}

function copiesOf(
  memory: Buffer,
  slotBytes: number,
  fields: Float64Array,
  count: number,
): Buffer[] {
  let total = 0;
  for (let i = 0; i < count; i++) total += fields[i * MESSAGE_FIELDS]!;
  const piece = total <= MAX_SHARED_BYTES ? Buffer.allocUnsafe(total) : null;
  const copies: Buffer[] = [];
  for (let i = 0, used = 0; i < count; i++) {
    const start = i * slotBytes;
    const length = fields[i * MESSAGE_FIELDS]!;
    const copy = piece ? piece.subarray(used, used + length) : Buffer.allocUnsafe(length);
    memory.copy(copy, 0, start, start + length);
    copies.push(copy);
    used += length;
  }
  return copies;
}
