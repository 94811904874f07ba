import { SocketBusyError } from './errors';
import type { Message } from './messages';
import { native, type Token } from './native';

/**
 * Messages that came in one call with others and that nobody has taken yet. They are received before all others, and the
 * engine counts them as data.
 */
export class HeldMessages<Address> {
  #messages: Message<Address>[] = [];

  /** Puts messages back, before those that are held already. */
  putBack(messages: readonly Message<Address>[], token: Token): void {
    if (messages.length === 0) return;
    this.#messages = [...messages, ...this.#messages];
    native.noteUnread(token, true);
  }

  /** The first ones, cut as if they were received now. */
  take(most: number, maxBytes: number, token: Token): Message<Address>[] {
    if (this.#messages.length === 0) return [];
    const taken = this.#messages.splice(0, most);
    if (this.#messages.length === 0) native.noteUnread(token, false);
    return taken.map((message) => cut(message, maxBytes));
  }

  /** Refuses to give the descriptor away, since the messages would be lost. */
  checkNone(): void {
    const { length } = this.#messages;
    if (length === 0) return;
    throw new SocketBusyError(
      `The socket has ${length} messages that were received and nobody has taken: receive them first`,
    );
  }
}

function cut<Address>(message: Message<Address>, maxBytes: number): Message<Address> {
  if (message.bytes.length <= maxBytes) return message;
  return { ...message, bytes: message.bytes.subarray(0, maxBytes), truncated: true };
}
