import { Observable, type Subscriber, Subscription } from 'rxjs';
import { SocketBusyError, SocketClosedError, type Where } from '../../core/errors';
import type { Message } from '../../core/messages';
import type { Context } from '../loop/Context';
import { currentOrigin, Origin } from '../pacing/Origin';
import type { PacedSource } from '../pacing/PacedSource';
import type { MessageSender } from './MessageSender';
import type { MessageTransport } from './MessageTransport';

/**
 * The incoming side: one reader at a time. While it is held back, or nobody reads, nothing is received: the system
 * keeps the messages, or drops them. What came in one call with others, and is not wanted any more, is kept for the next
 * to receive.
 */
export class MessageReader<Address> implements PacedSource {
  readonly lends = false;
  readonly isStopped = false;
  readonly messages$: Observable<Message<Address>>;

  readonly #transport: MessageTransport;
  readonly #context: Context;
  readonly #sender: MessageSender;
  #reader: Subscriber<Message<Address>> | null = null;
  #origin: Origin | null = null;
  #holds = 0;
  releases = 0;
  #isEmitting = false;
  /** Called when the peer has ended, or receiving has failed. */
  onOver: (() => void) | null = null;
  /** Called when the reader has unsubscribed. */
  onLeft: (() => void) | null = null;
  /** The subscription to what comes; null while nothing is to be received. */
  #watching: Subscription | null = null;

  /** @param sender sends the answers */
  constructor(transport: MessageTransport, context: Context, sender: MessageSender) {
    this.#transport = transport;
    this.#context = context;
    this.#sender = sender;
    this.messages$ = new Observable((subscriber) => this.#read(subscriber));
  }

  get hasReader(): boolean {
    return this.#reader !== null;
  }

  get isHeld(): boolean {
    return this.#holds > 0;
  }

  get peer(): Where {
    return this.#transport.where;
  }

  hold(): void {
    this.#holds++;
    // Who holds may wait for answers that were collected.
    if (this.#isEmitting) this.#sender.flush();
    this.update();
  }

  release(): void {
    this.#holds--;
    if (this.#holds === 0) this.releases++;
    this.update();
  }

  inContext(call: () => void): void {
    this.#context.run(call);
  }

  giveBack(): void {
    // A message is used as a whole: only a decoder of streams gives bytes back.
  }

  /** The socket was closed. */
  onClosed(): void {
    const reader = this.#reader;
    this.#stop();
    if (reader)
      this.#tell(() => {
        reader.complete();
      });
  }

  /** Call when whether the socket keeps the process alive may have changed. */
  onReferenceChanged(): void {
    this.#unwatch();
    this.update();
  }

  /** Call when the demand may have changed. While messages are emitted, that is looked at afterwards. */
  update(): void {
    if (this.#isEmitting) return;
    const isWanted = this.#reader !== null && this.#holds === 0 && !this.#transport.closed;
    if (isWanted === (this.#watching !== null)) return;
    if (isWanted) this.#watch();
    else this.#unwatch();
  }

  #watch(): void {
    const watching = new Subscription();
    this.#watching = watching;
    watching.add(
      this.#transport.watchIncoming({
        next: (hasEnded) => {
          this.#context.run(this.#receive, hasEnded);
        },
        error: (error: unknown) => {
          this.#fail(error);
        },
      }),
    );
  }

  #read(subscriber: Subscriber<Message<Address>>): () => void {
    if (this.#transport.closed) throw new SocketClosedError('The socket is closed');
    if (this.#reader) throw new SocketBusyError('messages$ has a subscriber already');
    const origin = new Origin(this, new Subscription());
    currentOrigin()?.open(origin);
    this.#reader = subscriber;
    this.#origin = origin;
    this.update();
    return () => {
      origin.life?.unsubscribe();
      if (this.#reader !== subscriber) return;
      this.#stop();
      this.onLeft?.();
    };
  }

  readonly #receive = (hasEnded: boolean): void => {
    let messages: Message<Address>[];
    try {
      messages = this.#transport.receive() as Message<Address>[];
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (messages.length > 0) {
      this.#sender.collect(() => {
        this.#emitAll(messages);
      });
    } else if (hasEnded) {
      this.onClosed();
      this.onOver?.();
    }
  };

  /** The reader of a message may hold this back, unsubscribe or close the socket. */
  #emitAll(messages: readonly Message<Address>[]): void {
    const reader = this.#reader;
    let count = 0;
    this.#isEmitting = true;
    for (const message of messages) {
      if (this.#reader !== reader || this.#holds > 0 || this.#transport.closed) break;
      this.#emit(message);
      count++;
    }
    this.#isEmitting = false;
    this.#transport.putBack(messages.slice(count));
    this.update();
  }

  #emit(message: Message<Address>): void {
    const [reader, origin] = [this.#reader, this.#origin];
    if (!reader || !origin) return;
    origin.size = message.bytes.length;
    origin.emit(reader, message);
  }

  #fail(error: unknown): void {
    const reader = this.#reader;
    this.#stop();
    this.#tell(() => reader?.error(error));
    this.onOver?.();
  }

  #tell(call: () => void): void {
    this.#context.run(call);
  }

  #stop(): void {
    this.#reader = null;
    this.#origin = null;
    this.#unwatch();
  }

  #unwatch(): void {
    this.#watching?.unsubscribe();
    this.#watching = null;
  }
}
