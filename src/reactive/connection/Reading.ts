import { Observable, type Observer, type Subscriber, Subscription, type TeardownLogic } from 'rxjs';
import { invalidType, propertyOf } from '../../core/argument';
import type { Holdable } from '../pacing/Holds';
import { currentOrigin, Origin } from '../pacing/Origin';
import type { PacedSource } from '../pacing/PacedSource';

/** A connection as seen by the operators that hold it back or serve it. */
export interface Reading extends PacedSource {
  /** Stops reading until `release` was called as often as this. */
  hold(): void;
  /** Undoes one `hold`. The last one delivers at once what has arrived meanwhile. */
  release(): void;
  /** Keeps our side open after the peer has ended its own, as `allowHalfOpen` does: the caller ends it. */
  keepHalfOpen(): void;
  /** Whether the connection keeps the process alive while it is used, which is so by default. */
  reference(isWanted: boolean): void;
  /** Why the connection is closed: null for an orderly end; undefined while it is open. */
  readonly reason: Error | null | undefined;
  /** Who accepted the connection; null for one that we opened. */
  readonly acceptor: Holdable | null;
  /** Completes the reader although the peer has not ended; later subscribers complete at once. */
  stop(): void;
  /** Closes once what is queued is sent. @see StreamConnection.windUp */
  windUp(): void;
  /** Ends our side, reads on for nobody, and closes once the peer has ended its own. @see StreamConnection.linger */
  linger(): void;
}

/** A connection's `data$`: an Observable that can be held back, and whose values can be told from those of others. */
export class DataObservable extends Observable<Buffer> {
  constructor(
    readonly reading: Reading,
    subscribe: (reader: Observer<Buffer>) => TeardownLogic,
  ) {
    super((subscriber) => {
      const origin = new Origin(reading, new Subscription());
      currentOrigin()?.open(origin);
      // Hides inner subscriptions, such as a recording's, from the operators downstream.
      subscriber.add(new Origin(null).during(() => subscribe(new Reader(origin, subscriber))));
      subscriber.add(() => {
        if (!origin.hasEnded) origin.life?.unsubscribe();
      });
    });
  }
}

/** The subscriber of a `data$`. Marks everything it emits with its origin, for operators downstream. */
class Reader implements Observer<Buffer> {
  readonly #origin: Origin;
  readonly #subscriber: Subscriber<Buffer>;

  constructor(origin: Origin, subscriber: Subscriber<Buffer>) {
    this.#origin = origin;
    this.#subscriber = subscriber;
  }

  next(chunk: Buffer): void {
    const origin = this.#origin;
    origin.chunk = chunk;
    origin.size = chunk.length;
    origin.emit(this.#subscriber, chunk);
    origin.chunk = null; // an idle connection must keep no chunk alive
  }

  error(error: unknown): void {
    this.#origin.during(() => {
      this.#subscriber.error(error);
    });
  }

  complete(): void {
    this.#origin.hasEnded = true;
    this.#origin.during(() => {
      this.#subscriber.complete();
    });
    this.#origin.life?.unsubscribe();
  }
}

/**
 * How to hold back what a connection reads.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function readingOf(name: string, connection: unknown): Reading {
  const data$ = propertyOf(name, connection, 'data$');
  if (data$ instanceof DataObservable) return data$.reading;
  throw invalidType(name, 'a Connection', connection);
}
