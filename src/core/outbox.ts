import { checkArray, checkBytes, invalidType, propertyOf } from './argument';
import { socketError, type Where } from './errors';
import type { OutgoingMessage } from './messages';
import { MAX_MESSAGES, native, OUTGOING_FIELDS, type Token } from './native';

/** Where a message goes. */
export interface Destination {
  /** A host, or the bytes of a path; null: to whom the socket is connected. */
  readonly to: string | Uint8Array | null;
  readonly port: number;
  /** For errors. */
  readonly where: () => Where;
}

/** A message whose arguments were checked. */
export interface CheckedMessage {
  readonly bytes: Uint8Array;
  readonly destination: Destination;
}

/** Messages of one call lie here, one behind the other. A longer one goes alone, from where it is. */
const MEMORY_BYTES = 64 * 1024;

/** Messages on their way to the system. All sockets share it, since it is empty again when a call returns. */
class Outbox {
  readonly #memory = Buffer.allocUnsafeSlow(MEMORY_BYTES);
  readonly #fields = new Float64Array(OUTGOING_FIELDS * MAX_MESSAGES);
  #receivers: (string | Uint8Array | number)[] = [];
  #last: Destination | null = null;
  #count = 0;
  #used = 0;

  get count(): number {
    return this.#count;
  }

  hasRoomFor({ length }: Uint8Array): boolean {
    return this.#count < MAX_MESSAGES && this.#used + length <= MEMORY_BYTES;
  }

  add({ bytes, destination }: CheckedMessage): void {
    if (bytes.length > 0) this.#memory.set(bytes, this.#used); // set() throws for a detached array, be it of no bytes
    this.#used += bytes.length;
    this.#note(bytes.length, destination);
  }

  /** As the engine has it: how many were taken, or why the first was not. */
  send(token: Token): number {
    return this.#sendFrom(this.#memory, token);
  }

  /** Sends one message that is too long for the memory, or the only one. */
  sendAlone({ bytes, destination }: CheckedMessage, token: Token): number {
    this.#note(bytes.length, destination);
    return this.#sendFrom(bytes, token);
  }

  #note(length: number, destination: Destination): void {
    if (destination.to !== null && destination !== this.#last) {
      this.#receivers.push(destination.to, destination.port);
      this.#last = destination;
    }
    const field = this.#count++ * OUTGOING_FIELDS;
    this.#fields[field] = length;
    this.#fields[field + 1] = destination.to === null ? -1 : this.#receivers.length / 2 - 1;
  }

  #sendFrom(bytes: Uint8Array, token: Token): number {
    const sent = native.sendMessages(token, bytes, this.#fields, this.#count, this.#receivers);
    this.clear();
    return sent;
  }

  clear(): void {
    this.#receivers = [];
    this.#last = null;
    this.#count = 0;
    this.#used = 0;
  }
}

let common: Outbox | null = null;

/** Hands a message to the system. @returns whether it has taken it */
export function sendOn(token: Token, message: CheckedMessage): boolean {
  common ??= new Outbox();
  return takenOf(common.sendAlone(message, token), message) === 1;
}

/** Hands messages to the system, as many in one call as it takes. @returns how many it has taken, from the first on */
export function sendManyOn(token: Token, messages: readonly CheckedMessage[]): number {
  const outbox = (common ??= new Outbox());
  let sent = 0;
  outbox.clear(); // a call that threw in between has left its messages
  for (let first; (first = messages[sent]);) {
    for (let i = sent, each; (each = messages[i]) && outbox.hasRoomFor(each.bytes); i++) {
      outbox.add(each);
    }
    const count = outbox.count || 1;
    const taken = outbox.count > 0 ? outbox.send(token) : outbox.sendAlone(first, token);
    if (taken < 0 && sent > 0) return sent;
    sent += takenOf(taken, first);
    if (taken < count) return sent;
  }
  return sent;
}

function takenOf(taken: number, first: CheckedMessage): number {
  if (taken < 0) throw socketError(taken, 'send', first.destination.where());
  return taken;
}

/** @param destinationOf checks an address; once, where messages in a row have the same object */
export function checkedMessages<Address>(
  messages: readonly OutgoingMessage<Address>[],
  destinationOf: (to: NonNullable<Address> | undefined) => Destination,
): CheckedMessage[] {
  const checked: CheckedMessage[] = [];
  let last: unknown;
  let destination: Destination | null = null;
  const all = checkArray('messages', 'an array of messages', messages);
  for (const [index, message] of all.entries()) {
    const name = `messages[${index}]`;
    if (Object(message) !== message) throw invalidType(name, 'a message', message);
    const bytes = checkBytes(`${name}.bytes`, propertyOf(name, message, 'bytes'));
    const to = propertyOf(name, message, 'to');
    if (!destination || to !== last) {
      destination = destinationOf(to as NonNullable<Address> | undefined);
      last = to;
    }
    checked.push({ bytes, destination });
  }
  return checked;
}
