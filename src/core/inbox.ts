import { socketError, type Where } from './errors';
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

/** What messages are received into. */
interface Inbox {
  readonly memory: Buffer;
  readonly fields: Float64Array;
}

/** All sockets share it: nothing happens between filling and emptying it. */
let common: Inbox | null = null;

function inboxFor(slotBytes: number): Inbox {
  common ??= {
    memory: Buffer.allocUnsafeSlow(MEMORY_BYTES),
    fields: new Float64Array(MESSAGE_FIELDS * MAX_MESSAGES),
  };
  if (slotBytes <= MEMORY_BYTES) return common;
  return { memory: Buffer.allocUnsafeSlow(slotBytes), fields: common.fields };
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
  if (got < 0) throw socketError(got, 'recvmsg', socket.where);
  const copies = copiesOf(memory, fields, got);
  const messages: Message<Address>[] = [];
  let known = -1;
  let from: Address | null = null;
  for (let i = 0; i < got; i++) {
    const field = i * MESSAGE_FIELDS;
    const sender = fields[field + 3]!;
    if (sender !== known) {
      const [host, port] = [senders[2 * sender], senders[2 * sender + 1]];
      // Several messages have the same object.
      from = Object.freeze(socket.addressOf([host as string | null, port as number | null]));
      known = sender;
    }
    messages.push({
      bytes: copies[i]!,
      from: from as Address,
      truncated: fields[field + 1] !== 0,
      dropped: fields[field + 2]!,
    });
  }
  return messages;
}

/** Of messages that lie one behind the other. */
function copiesOf(memory: Buffer, fields: Float64Array, count: number): Buffer[] {
  let total = 0;
  for (let i = 0; i < count; i++) total += fields[i * MESSAGE_FIELDS]!;
  const shared = total <= MAX_SHARED_BYTES ? copyOf(memory, 0, total) : null;
  const copies: Buffer[] = [];
  for (let i = 0, start = 0; i < count; i++) {
    const end = start + fields[i * MESSAGE_FIELDS]!;
    copies.push(shared ? shared.subarray(start, end) : copyOf(memory, start, end));
    start = end;
  }
  return copies;
}

function copyOf(memory: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  memory.copy(copy, 0, start, end);
  return copy;
}
