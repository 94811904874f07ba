import type { Observer, Subscription } from 'rxjs';
import type { Where } from '../../core/errors';
import type { Message } from '../../core/messages';
import type { CheckedMessage } from '../../core/outbox';

/** What an endpoint sends and receives by: a socket in an event loop, or a diagram. */
export interface MessageTransport {
  readonly closed: boolean;
  /** Where it is, for errors. */
  readonly where: Where;

  close(): void;

  /** The next messages, as many as one call gives; none if there are none now, or there will be no more. */
  receive(): Message[];
  /** Gives back messages that were received: they are the next to be received. */
  putBack(messages: readonly Message[]): void;
  /** Emits while `receive` may give or throw something, and whether the peer has ended. */
  watchIncoming(observer: Pick<Observer<boolean>, 'next' | 'error'>): Subscription;

  /** A message that can be sent. @throws if it cannot */
  check(bytes: Uint8Array, to: unknown): CheckedMessage;
  /** Hands messages over. @returns how many were taken, from the first on. @throws the error of the first */
  send(messages: readonly CheckedMessage[]): number;
  /** Emits while `send` may take or throw something. */
  watchRoom(observer: Pick<Observer<unknown>, 'next' | 'error'>): Subscription;
  /** Calls once that time is over. */
  rest(milliseconds: number, call: () => void): Subscription;
}
