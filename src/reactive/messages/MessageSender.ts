import { Observable, type Subscriber, Subscription } from 'rxjs';
import { SocketClosedError } from '../../core/errors';
import { MAX_MESSAGES } from '../../core/native';
import type { CheckedMessage } from '../../core/outbox';
import type { Context } from '../loop/Context';
import { Queue } from '../Queue';
import type { MessageTransport } from './MessageTransport';

const FIRST_REST = 1;
const LONGEST_REST = 16;

/** A message that the system has not taken yet. */
interface Waiting {
  readonly message: CheckedMessage;
  readonly subscriber: Subscriber<never>;
}

/**
 * The outgoing side: sends messages in the order in which they were subscribed to. Those that answer the messages of one
 * batch go to the system in one call.
 */
export class MessageSender {
  readonly #transport: MessageTransport;
  readonly #context: Context;
  readonly #waiting = new Queue<Waiting>();
  /** The subscription to the socket's readiness, or a rest; null while the system takes messages. */
  #watching: Subscription | null = null;
  #isCollecting = false;
  #isFlushing = false;
  #restMs = FIRST_REST;
  #onSent: (() => void) | null = null;

  constructor(transport: MessageTransport, context: Context) {
    this.#transport = transport;
    this.#context = context;
  }

  get isSending(): boolean {
    return this.#waiting.length > 0;
  }

  /** Completes once the system has taken the message. */
  send(bytes: Uint8Array, to: unknown): Observable<never> {
    return new Observable((subscriber) => {
      this.#waiting.push({ message: this.#transport.check(bytes, to), subscriber });
      if (!this.#isCollecting || this.#waiting.length >= MAX_MESSAGES) this.flush();
    });
  }

  /** Sends what is subscribed to during this work together, behind it. */
  collect(work: () => void): void {
    this.#isCollecting = true;
    work();
    this.#isCollecting = false;
    this.flush();
  }

  /** Hands what waits to the system, unless that has no room. */
  flush(): void {
    if (this.#watching || this.#waiting.length === 0) return;
    this.#sendWaiting();
    if (this.#waiting.length > 0 && !this.#isFlushing) this.#watch();
  }

  /** Calls once nothing waits, or the socket was closed. */
  whenSent(call: () => void): void {
    this.#onSent = call;
    this.#tellSent();
  }

  #tellSent(): void {
    if (this.#waiting.length > 0 || this.#isFlushing) return;
    const call = this.#onSent;
    this.#onSent = null;
    call?.();
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

  /** @returns whether any message is done with: sent, failed, or unsubscribed from */
  #sendWaiting(): boolean {
    // A subscriber that is told of its message may send another.
    if (this.#isFlushing) return false;
    this.#isFlushing = true;
    let hasMoved = false;
    while (this.#sendSome()) hasMoved = true;
    this.#isFlushing = false;
    this.#tellSent();
    return hasMoved;
  }

  #sendSome(): boolean {
    const batch = this.#waiting.firstOnes(MAX_MESSAGES);
    const end = batch.findIndex(({ subscriber }) => subscriber.closed);
    if (end === 0) this.#waiting.shift();
    if (end >= 0) batch.length = end;
    if (batch.length === 0) return end === 0;
    let sent: number;
    try {
      sent = this.#transport.send(batch.map(({ message }) => message));
    } catch (error) {
      this.#waiting.shift();
      batch[0]!.subscriber.error(error);
      return true;
    }
    for (let i = 0; i < sent; i++) this.#waiting.shift();
    for (const { subscriber } of batch.slice(0, sent)) subscriber.complete();
    return sent > 0;
  }

  #watch(): void {
    const watching = new Subscription();
    this.#watching = watching;
    watching.add(
      this.#transport.watchRoom({
        next: () => {
          this.#context.run(this.#onReady);
        },
        error: (error: unknown) => {
          this.#failAll(error);
        },
      }),
    );
  }

  readonly #onReady = (): void => {
    const hasMoved = this.#sendWaiting();
    if (hasMoved) this.#restMs = FIRST_REST;
    if (this.#waiting.length > 0 && hasMoved) return;
    this.#watching?.unsubscribe();
    this.#watching = null;
    if (this.#waiting.length > 0 && !this.#transport.closed) this.#rest();
  };

  /** The socket is ready and yet takes no message: the receiver has no room, which the system does not report. */
  #rest(): void {
    this.#watching = this.#transport.rest(this.#restMs, () => {
      this.#watch();
    });
    this.#restMs = Math.min(2 * this.#restMs, LONGEST_REST);
  }

  #failAll(error: unknown): void {
    this.#watching = null;
    for (const { subscriber } of this.#waiting.takeAll()) subscriber.error(error);
  }
}
