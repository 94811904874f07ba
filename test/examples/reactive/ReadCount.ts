import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { BytesRead } from 'bipoll/reactive';

const CHANNEL = 'bipoll:connection:read';

/** Counts the bytes that connections read. What is written to them says less: the system takes some, too. */
export class ReadCount {
  bytes = 0;
  readonly #onRead = (message: unknown) => {
    this.bytes += (message as BytesRead).bytes;
  };

  constructor() {
    subscribe(CHANNEL, this.#onRead);
  }

  [Symbol.dispose](): void {
    unsubscribe(CHANNEL, this.#onRead);
  }
}
