import type { Subscription } from 'rxjs';
import type { Connection } from '../reactive/connection/Connection';
import { type Reading, readingOf } from '../reactive/connection/Reading';
import { Holds } from '../reactive/pacing/Holds';
import { Queue } from '../reactive/Queue';

interface Asked {
  resolve(result: IteratorResult<Buffer, undefined>): void;
  reject(error: Error): void;
}

const END: IteratorResult<Buffer, undefined> = { done: true, value: undefined };

/** Reads while somebody waits for a chunk, so that it never has one that nobody asked for. */
export class ChunkIterator implements AsyncIterableIterator<Buffer, undefined> {
  readonly #connection: Connection;
  readonly #reading: Reading;
  readonly #holds = new Holds();
  readonly #asked = new Queue<Asked>();
  #subscription: Subscription | null = null;
  #isOver = false;
  /** Came while nobody waited. */
  #error: Error | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#reading = readingOf('connection', connection);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    return new Promise((resolve, reject) => {
      if (this.#isOver) {
        if (this.#error === null) resolve(END);
        else reject(this.#error);
        this.#error = null;
        return;
      }
      this.#asked.push({ resolve, reject });
      if (this.#subscription) this.#holds.releaseAll();
      else this.#subscribe();
    });
  }

  /** Stops reading. Whoever waits is told that it is the end; the connection is left as it is. */
  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.#finish();
    this.#error = null;
    return Promise.resolve(END);
  }

  #subscribe(): void {
    const subscription = this.#connection.data$.subscribe({
      next: (chunk) => {
        // A lent chunk is somebody else's once this returns.
        const value = this.#reading.lends ? Buffer.from(chunk) : chunk;
        const asked = this.#asked.shift();
        if (this.#asked.length === 0) this.#holds.hold(this.#reading);
        asked?.resolve({ done: false, value });
      },
      error: (error: Error) => {
        const asked = this.#asked.shift();
        if (asked) asked.reject(error);
        else this.#error = error;
        this.#finish();
      },
      complete: () => {
        this.#finish();
      },
    });
    // It may be over already.
    if (this.#isOver) subscription.unsubscribe();
    else this.#subscription = subscription;
  }

  #finish(): void {
    this.#isOver = true;
    this.#subscription?.unsubscribe();
    // Behind the unsubscribing: nothing is to be read any more.
    this.#holds.releaseAll();
    for (const asked of this.#asked.takeAll()) asked.resolve(END);
  }
}
