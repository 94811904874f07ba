import { checkInteger, type OptionNames, optionsOf } from './argument';
import type { Where } from './errors';
import type { HeldMessages } from './HeldMessages';
import { type Receiving, receiveNow } from './inbox';
import { MAX_MESSAGES } from './native';

/** A received message. Each arrives as a whole, even an empty one. */
export interface Message<Address = unknown> {
  /** Its bytes. They stay as they are, until you change them. */
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

/** A message to send. */
export interface OutgoingMessage<Address = unknown> {
  readonly bytes: Uint8Array;
  /** The receiver; must not be given if the socket is connected. */
  readonly to?: NonNullable<Address>;
}

/** How a message is received. */
export interface ReceiveOptions {
  /** The most bytes to receive; a longer message is cut. 256 KiB by default, more than any system sends by default. */
  maxBytes?: number;
}

export const RECEIVE_OPTIONS: OptionNames<ReceiveOptions> = { maxBytes: true };
const DEFAULT_MAX_MESSAGE = 256 * 1024;
export const MAX_MESSAGE = 2 ** 31 - 1;

/** The options of most calls: shared, so that they need no validation. */
export const NO_OPTIONS: ReceiveOptions = Object.freeze({});

/** A socket that carries messages, as the functions below see it. */
interface Receiver<Address> extends Receiving<Address> {
  readonly where: Where;
  readonly held: HeldMessages<Address>;
}

/** The next message of a socket; null if there is none now, or there will be no more. */
export function receiveOn<Address>(
  socket: Receiver<Address>,
  options: ReceiveOptions,
): Message<Address> | null {
  const maxBytes = maxBytesOf(options);
  return (
    socket.held.take(1, maxBytes, socket.token)[0] ?? receiveNow(socket, 1, maxBytes)[0] ?? null
  );
}

/** The next messages of a socket, as many as one call gives; none if there are none now, or there will be no more. */
export function receiveManyOn<Address>(
  socket: Receiver<Address>,
  options: ReceiveOptions,
): Message<Address>[] {
  const maxBytes = maxBytesOf(options);
  const held = socket.held.take(MAX_MESSAGES, maxBytes, socket.token);
  return held.length > 0 ? held : receiveNow(socket, MAX_MESSAGES, maxBytes);
}

function maxBytesOf(options: ReceiveOptions): number {
  if (options === NO_OPTIONS) return DEFAULT_MAX_MESSAGE;
  const { maxBytes } = optionsOf('options', options, RECEIVE_OPTIONS);
  return checkInteger('maxBytes', maxBytes ?? DEFAULT_MAX_MESSAGE, 1, MAX_MESSAGE);
}
