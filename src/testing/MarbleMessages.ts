import { type Observer, ReplaySubject, Subscription } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { Message } from '../core/messages';
import type { CheckedMessage } from '../core/outbox';
import type { MessageTransport } from '../reactive/messages/MessageTransport';
import { after } from '../reactive/timer';
import { ReadingLog, type Stretch } from './ReadingLog';

/** A message that an endpoint has sent. */
export interface SentMessage {
  readonly bytes: Buffer;
  /** The receiver; undefined if none was given. */
  readonly to: unknown;
}

type Incoming = Pick<Observer<boolean>, 'next' | 'error'>;

/** Stands in for a socket: peers that follow a diagram. The endpoint over it is the one that runs in production. */
export class MarbleMessages implements MessageTransport {
  readonly where = {};
  readonly sent$ = new ReplaySubject<SentMessage>();
  readonly reads: Stretch[];
  closed = false;
  /** Called when it is closed. */
  onClosed: (() => void) | null = null;

  readonly #scheduler: TestScheduler;
  readonly #log: ReadingLog;
  /** What has come and was not received, errors as well. */
  #arrived: (Message | Error)[] = [];
  #hasEnded = false;
  #incoming: Incoming | null = null;

  constructor(scheduler: TestScheduler) {
    this.#scheduler = scheduler;
    this.#log = new ReadingLog(scheduler);
    this.reads = this.#log.stretches;
  }

  // ---- What the diagram says ----

  arrive(bytes: Buffer, from: unknown): void {
    this.#arrived.push({ bytes, from, truncated: false, dropped: 0 });
    this.#tell();
  }

  fail(error: Error): void {
    this.#arrived.push(error);
    this.#tell();
  }

  end(): void {
    this.#hasEnded = true;
    this.#tell();
  }

  // ---- What the endpoint asks ----

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#log.set(false);
    this.sent$.complete();
    this.onClosed?.();
  }

  /** One at a time: those of one moment come together, but how many of them one call gives is the system's affair. */
  receive(): Message[] {
    const next = this.#arrived.shift();
    if (next instanceof Error) throw next;
    return next ? [next] : [];
  }

  putBack(messages: readonly Message[]): void {
    this.#arrived.unshift(...messages);
  }

  watchIncoming(observer: Incoming): Subscription {
    this.#incoming = observer;
    this.#log.set(true);
    // What waits comes after everything else of this moment, as from an event loop.
    this.#scheduler.schedule(() => {
      this.#tell();
    });
    return new Subscription(() => {
      if (this.#incoming === observer) this.#incoming = null;
      this.#log.set(false);
    });
  }

  check(bytes: Uint8Array, to: unknown): CheckedMessage {
    const sent: SentMessage & CheckedMessage = {
      bytes: Buffer.from(bytes),
      to,
      destination: { to: null, port: 0, where: () => this.where },
    };
    return sent;
  }

  send(messages: readonly CheckedMessage[]): number {
    for (const each of messages) this.sent$.next(each as SentMessage & CheckedMessage);
    return messages.length;
  }

  watchRoom(): Subscription {
    return Subscription.EMPTY; // there is always room
  }

  rest(milliseconds: number, call: () => void): Subscription {
    return after(this.#scheduler, milliseconds, call);
  }

  #tell(): void {
    for (let incoming; (incoming = this.#incoming) && this.#arrived.length > 0;) {
      incoming.next(false);
    }
    if (this.#hasEnded && this.#arrived.length === 0) this.#incoming?.next(true);
  }
}
