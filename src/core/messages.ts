import { checkBytes, checkInteger, type OptionNames, optionsOf } from './argument';
import { orThrow, type Where } from './errors';
import { END, MESSAGE_FIELDS, native, type Token } from './native';

/** A received message. Each arrives as a whole, even an empty one. */
export interface Message<Address = unknown> {
  /** Its bytes, in memory of their own. */
  readonly bytes: Buffer;
  /** The sender's address, which `send` takes for an answer; null if the sender has none. */
  readonly from: Address;
  /** Whether it was longer than `maxBytes`: the rest of it is lost. */
  readonly truncated: boolean;
  /**
   * How many messages the system has dropped between the last one and this, because the socket's buffer was full. Only
   * UDP on Linux reports it; elsewhere it is 0.
   */
  readonly dropped: number;
}

/** How a message is received. */
export interface ReceiveOptions {
  /** The most bytes to receive; a longer message is cut. 256 KiB by default, more than any system sends by default. */
  maxBytes?: number;
}

export const RECEIVE_OPTIONS: OptionNames<ReceiveOptions> = { maxBytes: true };
export const DEFAULT_MAX_MESSAGE = 256 * 1024;
export const MAX_MESSAGE = 2 ** 31 - 1;

/** The sender of a message, as the engine reports it: a host and a port, a path and null, or two nulls. */
export type Sender = readonly [hostOrPath: string | null, port: number | null];

/** Memory that messages are received into, and what is known of them. Each message has a slot. */
export class Inbox {
  readonly #slotBytes: number;
  readonly #memory: Buffer;
  readonly #fields: Float64Array;
  #senders: (string | number | null)[] = [];

  constructor(slotBytes: number, slots: number) {
    this.#slotBytes = slotBytes;
    this.#memory = Buffer.allocUnsafeSlow(slotBytes * slots);
    this.#fields = new Float64Array(MESSAGE_FIELDS * slots);
  }

  get slotBytes(): number {
    return this.#slotBytes;
  }

  /** Receives what there is room for. @returns how many; 0: none now; END; or a failure */
  receive(socket: Token): number {
    this.#senders = [];
    return native.receiveMessages(
      socket,
      this.#memory,
      this.#slotBytes,
      this.#fields,
      this.#senders,
    );
  }

  /** One of those that were received last. @param addressOf makes an address of its sender */
  message<Address>(index: number, addressOf: (sender: Sender) => Address): Message<Address> {
    const start = index * this.#slotBytes;
    const field = index * MESSAGE_FIELDS;
    const slot = this.#memory.subarray(start, start + this.#fields[field]!);
    const [host, port] = this.#senders.slice(2 * index, 2 * index + 2);
    return {
      bytes: Buffer.from(slot),
      from: addressOf([host as string | null, port as number | null]),
      truncated: this.#fields[field + 1] !== 0,
      dropped: this.#fields[field + 2]!,
    };
  }
}

/** For one message at a time: all sockets share it, since nothing happens between filling and emptying it. */
let shared: Inbox | null = null;

function inboxFor(maxBytes: number): Inbox {
  if (maxBytes !== DEFAULT_MAX_MESSAGE) return new Inbox(maxBytes, 1);
  return (shared ??= new Inbox(maxBytes, 1));
}

/** The options of most calls: shared, so that they need no validation. */
export const NO_OPTIONS: ReceiveOptions = Object.freeze({});

/** A socket that carries messages, as the functions below see it. */
interface Receiver<Address> {
  readonly token: Token;
  readonly where: Where;
  addressOf(sender: Sender): Address;
}

/** The next message of a socket; null if there is none now, or there will be no more. */
export function receiveOn<Address>(
  socket: Receiver<Address>,
  options: ReceiveOptions,
): Message<Address> | null {
  const own = options === NO_OPTIONS ? options : optionsOf('options', options, RECEIVE_OPTIONS);
  const maxBytes = checkInteger('maxBytes', own.maxBytes ?? DEFAULT_MAX_MESSAGE, 1, MAX_MESSAGE);
  const inbox = inboxFor(maxBytes);
  const got = inbox.receive(socket.token);
  if (got === 0 || got === END) return null;
  orThrow(got, 'recvmsg', socket.where);
  return inbox.message(0, (sender) => socket.addressOf(sender));
}

/** Hands a message to the system. @returns whether it has taken it */
export function sendOn(
  token: Token,
  bytes: Uint8Array,
  to: string | Uint8Array | null,
  port: number,
  where: Where,
): boolean {
  checkBytes('bytes', bytes);
  return orThrow(native.sendMessage(token, bytes, to, port), 'send', where) === 1;
}
