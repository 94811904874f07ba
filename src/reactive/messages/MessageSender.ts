import { asyncScheduler, Observable, type Subscriber, Subscription } from 'rxjs';
import { SocketClosedError } from '../../core/errors';
import { bitsOf, type SocketEvent } from '../../core/events';
import { LocalPacketSocket } from '../../core/LocalPacketSocket';
import { type MessageSocket, sendUnclaimed } from '../../core/messageSockets';
import type { Context } from '../loop/Context';
import type { EventLoop } from '../loop/EventLoop';
import { Queue } from '../Queue';
import { after } from '../timer';

const FIRST_REST = 1;
const LONGEST_REST = 16;
const OF_DATAGRAMS: readonly SocketEvent[] = ['readyToWrite'];
const OF_PACKETS: readonly SocketEvent[] = [
  'readyToWrite',
  'remoteDisconnected',
  'connectionFailed',
];

/** A message that the system has not taken yet. */
interface Waiting {
  readonly bytes: Uint8Array;
  readonly to: unknown;
  readonly subscriber: Subscriber<never>;
}

/** The outgoing side: sends messages one by one, in the order in which they were subscribed to. */
export class MessageSender {
  readonly #socket: MessageSocket;
  readonly #loop: EventLoop;
  readonly #context: Context;
  readonly #waiting = new Queue<Waiting>();
  #watching: Subscription | null = null;
  #restMs = FIRST_REST;

  constructor(socket: MessageSocket, loop: EventLoop, context: Context) {
    this.#socket = socket;
    this.#loop = loop;
    this.#context = context;
  }

  get isSending(): boolean {
    return this.#waiting.length > 0;
  }

  /** Completes once the system has taken the message. */
  send(bytes: Uint8Array, to: unknown): Observable<never> {
    return new Observable((subscriber) => {
      const message = { bytes, to, subscriber };
      if (this.#waiting.length === 0 && this.#hasSent(message)) return;
      this.#waiting.push(message);
      if (!this.#watching) this.#watch();
    });
  }

  /** The socket was closed. */
  onClosed(): void {
    this.#watching?.unsubscribe();
    this.#watching = null;
    const waiting = this.#waiting.takeAll();
    this.#context.run(() => {
      for (const { subscriber } of waiting) {
        subscriber.error(
          new SocketClosedError('The socket was closed before the message was sent'),
        );
      }
    });
  }

  /** @returns whether the message is done with: it was sent, has failed, or was unsubscribed from */
  #hasSent({ bytes, to, subscriber }: Waiting): boolean {
    if (subscriber.closed) return true;
    try {
      if (!sendUnclaimed(this.#socket, bytes, to)) return false;
    } catch (error) {
      subscriber.error(error);
      return true;
    }
    subscriber.complete();
    return true;
  }

  #watch(): void {
    const events = this.#socket instanceof LocalPacketSocket ? OF_PACKETS : OF_DATAGRAMS;
    const wanted = bitsOf(events, this.#socket.possibleEvents);
    const ready$ = new Observable<readonly SocketEvent[]>((subscriber) =>
      this.#loop.readiness.watch(this.#socket, wanted, subscriber),
    );
    const watching = new Subscription();
    this.#watching = watching;
    watching.add(
      ready$.subscribe({
        next: () => {
          this.#context.run(this.#flush);
        },
        error: (error: unknown) => {
          this.#failAll(error);
        },
      }),
    );
  }

  readonly #flush = (): void => {
    let hasMoved = false;
    for (let first; (first = this.#waiting.first); hasMoved = true) {
      if (!this.#hasSent(first)) break;
      this.#waiting.shift();
    }
    if (hasMoved) this.#restMs = FIRST_REST;
    if (this.#waiting.length > 0 && hasMoved) return;
    this.#watching?.unsubscribe();
    this.#watching = null;
    if (this.#waiting.length > 0 && !this.#socket.closed) this.#rest();
  };

  /** The socket is ready and yet takes no message: the receiver has no room, which the system does not report. */
  #rest(): void {
    const { referenced } = this.#socket;
    this.#watching = after(
      asyncScheduler,
      this.#restMs,
      () => {
        this.#watch();
      },
      referenced,
    );
    this.#restMs = Math.min(2 * this.#restMs, LONGEST_REST);
  }

  #failAll(error: unknown): void {
    this.#watching = null;
    for (const { subscriber } of this.#waiting.takeAll()) subscriber.error(error);
  }
}
