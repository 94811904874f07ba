import { once } from 'node:events';
import type { Subscription } from 'rxjs';
import { listen, connect, type EventLoop, type ListeningAddress } from 'bipoll/reactive';
import { type ConnectionDuplex, createConnection, toDuplex } from 'bipoll/streams';

/** A listener whose connections are handed over as streams, and connections to it. */
export class Served {
  readonly streams: ConnectionDuplex[] = [];
  readonly #subscriptions: Subscription[] = [];
  address!: ListeningAddress;
  /** Once it has an address. */
  readonly listening: Promise<void>;

  constructor(
    readonly loop: EventLoop,
    onStream: (stream: ConnectionDuplex) => void,
  ) {
    let isListening: () => void;
    this.listening = new Promise((resolve) => (isListening = resolve));
    const options = {
      loop,
      onListening: (address: ListeningAddress) => {
        this.address = address;
        isListening();
      },
    };
    this.#subscriptions.push(
      listen({ port: 0 }, options).subscribe((connection) => {
        onStream(this.#keep(toDuplex(connection, { allowHalfOpen: true })));
      }),
    );
  }

  get port(): number {
    return (this.address as { port: number }).port;
  }

  async connect(): Promise<ConnectionDuplex> {
    await this.listening;
    return this.#keep(await connectTo({ host: '127.0.0.1', port: this.port }, this.loop, true));
  }

  /** A stream that is connecting still. */
  connecting(): ConnectionDuplex {
    const target = { host: '127.0.0.1', port: this.port };
    return this.#keep(createConnection(target, { loop: this.loop, allowHalfOpen: true }));
  }

  async close(): Promise<void> {
    for (const stream of this.streams) {
      if (stream.closed) continue;
      const closed = once(stream, 'close');
      stream.destroy();
      await closed;
    }
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #keep(stream: ConnectionDuplex): ConnectionDuplex {
    this.streams.push(stream);
    return stream;
  }
}

/** Connects to any server, as a stream that lives as long as it is open. */
export function connectTo(
  target: { host: string; port: number } | { path: string },
  loop: EventLoop,
  allowHalfOpen = false,
): Promise<ConnectionDuplex> {
  return new Promise((resolve, reject) => {
    connect(target, { loop }).subscribe({
      next: (connection) => {
        resolve(toDuplex(connection, { allowHalfOpen }));
      },
      // Of no effect once it is connected: then it is the stream's error.
      error: reject,
    });
  });
}
