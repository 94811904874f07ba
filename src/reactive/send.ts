import {
  from,
  isObservable,
  noop,
  Observable,
  type ObservableInput,
  type Subscriber,
  takeWhile,
} from 'rxjs';
import { invalidType } from '../core/argument';
import { bytesOf, type Sendable } from './connection/Sendable';
import { Holds } from './pacing/Holds';
import { Upstream } from './pacing/Upstream';

/** @param failure why the queue will never be empty; null: it is */
export type WhenDrained = (failure: Error | null) => void;

/** A queue that a source can be sent to. */
export interface Outgoing {
  write(bytes: Sendable): boolean;
  /** Calls back once the queue is empty, now if it is; or with the reason why it never will be. */
  whenDrained(call: WhenDrained): void;
  /** Whoever waits does not any more. */
  forgetDrained(call: WhenDrained): void;
}

const ADVICE =
  'Send each value by pacedMap((chunk) => connection.send([chunk]), { holds: theConnectionThatIsRead }).';

/** Sends what a source emits, and holds the source back while the queue is full. */
export function send(outgoing: Outgoing, source: ObservableInput<Sendable>): Observable<number> {
  const start = starterOf(source);
  return new Observable<number>((subscriber) => {
    start(new Transfer(outgoing, subscriber));
  });
}

/** How to send a source: iterables are asked for each chunk, everything else pushes. */
function starterOf(source: ObservableInput<Sendable>): (transfer: Transfer) => void {
  try {
    return checkedStarterOf(source);
  } catch {
    throw wrongSource(source); // a getter of the source may throw
  }
}

function checkedStarterOf(source: ObservableInput<Sendable>): (transfer: Transfer) => void {
  if (typeof source === 'string' || ArrayBuffer.isView(source) || Object(source) !== source) {
    throw wrongSource(source);
  }
  if (!isObservable(source) && Symbol.asyncIterator in source) {
    return (transfer) => {
      pullAsync(source[Symbol.asyncIterator](), transfer);
    };
  }
  if (!isObservable(source) && Symbol.iterator in source) {
    return (transfer) => {
      pull(source[Symbol.iterator](), transfer);
    };
  }
  const source$ = from(source);
  return (transfer) => {
    pushFrom(source$, transfer);
  };
}

function wrongSource(source: unknown): TypeError {
  return invalidType('source', 'an Observable or iterable of chunks, or the like', source);
}

/** One source on its way into the queue. */
class Transfer {
  #total = 0;
  /** What to do once the queue is empty. */
  #resume: () => void = noop;

  constructor(
    readonly outgoing: Outgoing,
    readonly subscriber: Subscriber<number>,
  ) {
    subscriber.add(() => {
      outgoing.forgetDrained(this.#onDrained);
    });
  }

  /** @returns whether the next chunk may come now */
  put(chunk: Sendable): boolean {
    try {
      const hasRoom = this.outgoing.write(chunk);
      this.#total += Buffer.byteLength(bytesOf(chunk));
      this.subscriber.next(this.#total);
      return hasRoom;
    } catch (error) {
      this.subscriber.error(error);
      return false;
    }
  }

  onDrained(resume: () => void): void {
    this.#resume = resume;
    this.outgoing.whenDrained(this.#onDrained);
  }

  readonly #onDrained = (failure: Error | null): void => {
    if (this.isOver()) return;
    if (failure) this.subscriber.error(failure);
    else this.#resume();
  };

  /** Whether the subscriber has left, or sending has failed. */
  isOver(): boolean {
    return this.subscriber.closed;
  }

  complete(): void {
    this.onDrained(() => {
      this.subscriber.complete();
    });
  }
}

function pushFrom(source: Observable<Sendable>, transfer: Transfer): void {
  const { subscriber } = transfer;
  const upstream = new Upstream();
  const holds = new Holds();
  let isFull = false;
  const onDrained = () => {
    isFull = false;
    holds.releaseAll();
  };
  // An endless iterable emits within subscribe(), before its subscription exists to be unsubscribed.
  const open$ = source.pipe(takeWhile(() => !transfer.isOver()));
  const subscription = upstream.subscribe(open$, {
    next(chunk) {
      const wasFull = isFull;
      if (transfer.put(chunk) || transfer.isOver()) return;
      const { emitter } = upstream;
      if (emitter) holds.hold(emitter);
      else if (wasFull) upstream.warnUnheld(ADVICE);
      if (wasFull) return;
      isFull = true;
      // Tells a source that keeps emitting that the queue will never drain.
      transfer.onDrained(onDrained);
    },
    error(error: unknown) {
      subscriber.error(error);
    },
    complete() {
      transfer.complete();
    },
  });
  subscription.add(() => {
    holds.releaseAll();
  });
  subscriber.add(subscription);
}

function pull(iterator: Iterator<Sendable>, transfer: Transfer): void {
  const { subscriber } = transfer;
  let hasEnded = false;
  subscriber.add(() => {
    if (!hasEnded) leave(iterator);
  });
  const resume = () => {
    try {
      while (!transfer.isOver()) {
        const step = checkStep(iterator.next());
        if (step.done) {
          hasEnded = true;
          transfer.complete();
          return;
        }
        if (!transfer.put(step.value)) {
          if (!transfer.isOver()) transfer.onDrained(resume);
          return;
        }
      }
    } catch (error) {
      hasEnded = true;
      subscriber.error(error);
    }
  };
  resume();
}

function pullAsync(iterator: AsyncIterator<Sendable>, transfer: Transfer): void {
  const { subscriber } = transfer;
  let hasEnded = false;
  subscriber.add(() => {
    if (!hasEnded) leave(iterator);
  });
  const onStep = (result: IteratorResult<Sendable>) => {
    const step = checkStep(result);
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
  };
  const onFailure = (error: unknown) => {
    hasEnded = true;
    subscriber.error(error);
  };
  const resume = () => {
    asked(() => iterator.next())
      .then(onStep)
      .catch(onFailure);
  };
  resume();
}

/** As `for await` does: a plain result, or an exception, becomes a promise. */
function asked<T>(ask: () => T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve) => {
    resolve(ask());
  });
}

function checkStep<T>(step: IteratorResult<T>): IteratorResult<T> {
  if (Object(step) !== step) throw invalidType('step', 'what an iterator gives', step);
  return step;
}

/** Tells an iterator that no more is wanted, and ignores its answer. */
function leave(iterator: Iterator<Sendable> | AsyncIterator<Sendable>): void {
  asked<unknown>(() => iterator.return?.()).catch(() => undefined);
}
