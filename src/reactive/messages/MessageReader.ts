import { Observable, type Subscriber, Subscription } from 'rxjs';
import { SocketBusyError, SocketClosedError, type Where } from '../../core/errors';
import { bitsOf, type SocketEvent } from '../../core/events';
import { LocalPacketSocket } from '../../core/LocalPacketSocket';
import type { Message, ReceiveOptions } from '../../core/messages';
import { type MessageSocket, receiveUnclaimed } from '../../core/messageSockets';
import type { Context } from '../loop/Context';
import type { EventLoop } from '../loop/EventLoop';
import { currentOrigin, Origin } from '../pacing/Origin';
import type { PacedSource } from '../pacing/PacedSource';

/** How many messages one socket may deliver before others get a turn. */
const MESSAGES_PER_TURN = 64;

const OF_DATAGRAMS: readonly SocketEvent[] = ['dataAvailable'];
const OF_PACKETS: readonly SocketEvent[] = [
  'dataAvailable',
  'remoteDisconnected',
  'connectionFailed',
];

/**
 * The incoming side: one reader at a time. While it is held back, or nobody reads, nothing is received: the system
 * keeps the messages, or drops them.
 */
export class MessageReader<Address> implements PacedSource {
  readonly lends = false;
  readonly isStopped = false;
  readonly messages$: Observable<Message<Address>>;

  readonly #socket: MessageSocket;
  readonly #loop: EventLoop;
  readonly #context: Context;
  readonly #options: ReceiveOptions;
  #reader: Subscriber<Message<Address>> | null = null;
  #origin: Origin | null = null;
  #holds = 0;
  releases = 0;
  /** The subscription to the socket's readiness; null while nothing is to be received. */
  #watching: Subscription | null = null;

  constructor(socket: MessageSocket, loop: EventLoop, context: Context, options: ReceiveOptions) {
    this.#socket = socket;
    this.#loop = loop;
    this.#context = context;
    this.#options = options;
    this.messages$ = new Observable((subscriber) => this.#read(subscriber));
  }

  get hasReader(): boolean {
    return this.#reader !== null;
  }

  get isHeld(): boolean {
    return this.#holds > 0;
  }

  get peer(): Where {
    return this.#socket.where;
  }

  hold(): void {
    this.#holds++;
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

  /** Call when the demand, or whether the socket keeps the process alive, may have changed. */
  update(): void {
    this.#watching?.unsubscribe();
    this.#watching = null;
    if (!this.#reader || this.#holds > 0 || this.#socket.closed) return;
    const events = this.#socket instanceof LocalPacketSocket ? OF_PACKETS : OF_DATAGRAMS;
    const wanted = bitsOf(events, this.#socket.possibleEvents);
    const watching = new Subscription();
    this.#watching = watching;
    const ready$ = new Observable<readonly SocketEvent[]>((subscriber) =>
      this.#loop.readiness.watch(this.#socket, wanted, subscriber),
    );
    watching.add(
      ready$.subscribe({
        next: (held) => {
          this.#context.run(this.#receive, held);
        },
        error: (error: unknown) => {
          this.#fail(error);
        },
      }),
    );
  }

  #read(subscriber: Subscriber<Message<Address>>): () => void {
    if (this.#socket.closed) throw new SocketClosedError('The socket is closed');
    if (this.#reader) throw new SocketBusyError('messages$ has a subscriber already');
    const origin = new Origin(this, new Subscription());
    currentOrigin()?.open(origin);
    this.#reader = subscriber;
    this.#origin = origin;
    this.update();
    return () => {
      if (this.#reader === subscriber) this.#stop();
      origin.life?.unsubscribe();
    };
  }

  readonly #receive = (held: readonly SocketEvent[]): void => {
    const watching = this.#watching;
    // The reader of a message may hold this back, unsubscribe or close the socket.
    for (let i = 0; i < MESSAGES_PER_TURN && watching === this.#watching; i++) {
      let message: Message<Address> | null;
      try {
        message = receiveUnclaimed(this.#socket, this.#options) as Message<Address> | null;
      } catch (error) {
        this.#fail(error);
        return;
      }
      if (!message) {
        if (held.includes('remoteDisconnected')) this.onClosed();
        return;
      }
      this.#emit(message);
    }
  };

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
  }

  #tell(call: () => void): void {
    this.#context.run(call);
  }

  #stop(): void {
    this.#reader = null;
    this.#origin = null;
    this.#watching?.unsubscribe();
    this.#watching = null;
  }
}
