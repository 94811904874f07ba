import { from, isObservable, Observable, type ObservableInput, type Subscriber } from 'rxjs';
import { invalidType } from '../core/argument';
import { readingBehind } from './connection/Reading';
import type { Chunk } from './connection/Transport';

/** What a source can be sent to. */
export interface Outgoing {
  write(bytes: Chunk): boolean;
  /** Emits once the queue is empty, now if it is, and completes; fails if it never will be. */
  readonly drained$: Observable<void>;
}

/** Sends what a source emits, and holds the source back while the queue is full. */
export function send(outgoing: Outgoing, source: ObservableInput<Chunk>): Observable<number> {
  if (typeof source === 'string' || ArrayBuffer.isView(source) || Object(source) !== source) {
    throw invalidType('source', 'an Observable or iterable of chunks, or the like', source);
  }
  return new Observable<number>((subscriber) => {
    const transfer = new Transfer(outgoing, subscriber);
    if (isObservable(source)) pushFrom(source, transfer, subscriber);
    else if (Symbol.asyncIterator in source) pullAsync(source[Symbol.asyncIterator](), transfer);
    else if (Symbol.iterator in source) pull(source[Symbol.iterator](), transfer);
    else pushFrom(from(source), transfer, subscriber);
  });
}

/** One source on its way into the queue. */
class Transfer {
  #total = 0;

  constructor(
    readonly outgoing: Outgoing,
    readonly subscriber: Subscriber<number>,
  ) {}

  /** @returns whether the next chunk may come now */
  put(chunk: Chunk): boolean {
    try {
      const hasRoom = this.outgoing.write(chunk);
      this.#total += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length;
      this.subscriber.next(this.#total);
      return hasRoom;
    } catch (error) {
      this.subscriber.error(error);
      return false;
    }
  }

  onDrained(resume: () => void): void {
    this.subscriber.add(
      this.outgoing.drained$.subscribe({
        next: resume,
        error: (error: unknown) => {
          this.subscriber.error(error);
        },
      }),
    );
  }

  /** Whether nobody is interested any more, or it has failed. */
  isOver(): boolean {
    return this.subscriber.closed;
  }

  complete(): void {
    this.onDrained(() => {
      this.subscriber.complete();
    });
  }
}

function pushFrom(
  source: Observable<Chunk>,
  transfer: Transfer,
  subscriber: Subscriber<number>,
): void {
  const reading = readingBehind(source);
  let isHeld = false;
  const release = () => {
    if (!isHeld) return;
    isHeld = false;
    reading?.release();
  };
  subscriber.add(
    source.subscribe({
      next(chunk) {
        if (transfer.put(chunk) || isHeld || transfer.isOver()) return;
        isHeld = true;
        reading?.hold();
        // A source that goes on all the same hears this way that the queue will never drain.
        transfer.onDrained(release);
      },
      error(error: unknown) {
        subscriber.error(error);
      },
      complete() {
        transfer.complete();
      },
    }),
  );
  // Last, or what was held back would come to who is about to leave.
  subscriber.add(release);
}

function pull(iterator: Iterator<Chunk>, transfer: Transfer): void {
  const { subscriber } = transfer;
  let hasEnded = false;
  subscriber.add(() => {
    if (!hasEnded) iterator.return?.();
  });
  const resume = () => {
    while (!transfer.isOver()) {
      const step = nextOf(iterator, subscriber);
      if (!step || step.done) {
        hasEnded = true;
        if (step) transfer.complete();
        return;
      }
      if (!transfer.put(step.value)) {
        if (!transfer.isOver()) transfer.onDrained(resume);
        return;
      }
    }
  };
  resume();
}

function nextOf(
  iterator: Iterator<Chunk>,
  subscriber: Subscriber<number>,
): IteratorResult<Chunk> | null {
  try {
    return iterator.next();
  } catch (error) {
    subscriber.error(error);
    return null;
  }
}

function pullAsync(iterator: AsyncIterator<Chunk>, transfer: Transfer): void {
  const { subscriber } = transfer;
  let hasEnded = false;
  subscriber.add(() => {
    // What it still has to say about its end interests nobody any more.
    if (!hasEnded) iterator.return?.().catch(() => undefined);
  });
  const resume = () => {
    iterator.next().then(
      (step) => {
        if (step.done) {
          hasEnded = true;
          transfer.complete();
        } else if (transfer.isOver()) {
          return;
        } else if (transfer.put(step.value)) {
          resume();
        } else if (!transfer.isOver()) {
          transfer.onDrained(resume);
        }
      },
      (error: unknown) => {
        hasEnded = true;
        subscriber.error(error);
      },
    );
  };
  resume();
}
