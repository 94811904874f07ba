import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { BytesRead, Connection } from 'bipoll/reactive';

const CHANNEL = 'bipoll:connection:read';

/**
 * Counts the bytes that each connection reads, and gives the largest of these counts. What is written to them says less:
 * the system takes some, too.
 */
export class ReadCount {
  bytes = 0;
  readonly #ofEach = new Map<Connection, number>();
  readonly #onRead = (message: unknown) => {
    const { connection, bytes } = message as BytesRead;
    const total = (this.#ofEach.get(connection) ?? 0) + bytes;
    this.#ofEach.set(connection, total);
    this.bytes = Math.max(this.bytes, total);
  };

  constructor() {
    subscribe(CHANNEL, this.#onRead);
  }

  [Symbol.dispose](): void {
    unsubscribe(CHANNEL, this.#onRead);
  }
}
