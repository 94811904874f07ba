import { asyncScheduler, Observable, type Observer, type Subscription } from 'rxjs';
import type { Where } from '../../core/errors';
import { bitsOf, type SocketEvent } from '../../core/events';
import type { Message, ReceiveOptions } from '../../core/messages';
import {
  checkedMessage,
  type MessageSocket,
  putBack,
  receiveUnclaimed,
  sendUnclaimed,
} from '../../core/messageSockets';
import type { CheckedMessage } from '../../core/outbox';
import { LocalPacketSocket } from '../../core/LocalPacketSocket';
import type { EventLoop } from '../loop/EventLoop';
import { after } from '../timer';
import type { MessageTransport } from './MessageTransport';

/** A socket in an event loop. */
export class SocketMessages implements MessageTransport {
  readonly #socket: MessageSocket;
  readonly #loop: EventLoop;
  readonly #options: ReceiveOptions;

  constructor(socket: MessageSocket, loop: EventLoop, options: ReceiveOptions) {
    this.#socket = socket;
    this.#loop = loop;
    this.#options = options;
  }

  get closed(): boolean {
    return this.#socket.closed;
  }

  get where(): Where {
    return this.#socket.where;
  }

  close(): void {
    this.#socket.close();
  }

  receive(): Message[] {
    return receiveUnclaimed(this.#socket, this.#options);
  }

  putBack(messages: readonly Message[]): void {
    putBack(this.#socket, messages);
  }

  watchIncoming(observer: Pick<Observer<boolean>, 'next' | 'error'>): Subscription {
    return this.#ready('dataAvailable').subscribe({
      next: (held) => {
        observer.next(held.includes('remoteDisconnected'));
      },
      error: (error: unknown) => {
        observer.error(error);
      },
    });
  }

  check(bytes: Uint8Array, to: unknown): CheckedMessage {
    return checkedMessage(this.#socket, bytes, to);
  }

  send(messages: readonly CheckedMessage[]): number {
    return sendUnclaimed(this.#socket, messages);
  }

  watchRoom(observer: Pick<Observer<unknown>, 'next' | 'error'>): Subscription {
    return this.#ready('readyToWrite').subscribe(observer);
  }

  rest(milliseconds: number, call: () => void): Subscription {
    return after(asyncScheduler, milliseconds, call, this.#socket.referenced);
  }

  /** A connection that has ended, or was never made, is ready for nothing more. */
  #ready(event: SocketEvent): Observable<readonly SocketEvent[]> {
    const socket = this.#socket;
    const awaited: SocketEvent[] =
      socket instanceof LocalPacketSocket
        ? [event, 'remoteDisconnected', 'connectionFailed']
        : [event];
    const wanted = bitsOf(awaited, socket.possibleEvents);
    return new Observable((subscriber) => this.#loop.readiness.watch(socket, wanted, subscriber));
  }
}
