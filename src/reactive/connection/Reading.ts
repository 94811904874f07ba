import { Observable, type Observer, type Subscriber, Subscription, type TeardownLogic } from 'rxjs';
import { invalidType } from '../../core/argument';
import { currentOrigin, Origin } from '../pacing/Origin';

/** The reading side of a connection, as operators see it that hold it back. */
export interface Reading {
  /** Whether chunks are only lent. */
  readonly lends: boolean;
  /** Stops reading until as many calls of `release`. */
  hold(): void;
  /** Takes one `hold` back. The last one delivers at once what had arrived. */
  release(): void;
  /** Gives back bytes that were emitted and not used: whoever reads next gets them first. */
  giveBack(bytes: Uint8Array): void;
  /** Leaves it to the caller to end our side behind the end of the peer's, as with `allowHalfOpen`. */
  keepHalfOpen(): void;
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
      // What this subscribes to in turn, as a recording does, is nobody's business.
      subscriber.add(new Origin(null).during(() => subscribe(new Reader(origin, subscriber))));
      subscriber.add(() => {
        if (!origin.hasEnded) origin.life?.unsubscribe();
      });
    });
  }
}

/** Whoever is subscribed to a `data$`. Whatever it is told, operators see where that comes from. */
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
    origin.chunk = null; // an idle connection is to keep none alive
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
  const { data$ } = Object(connection) as { data$?: unknown };
  if (data$ instanceof DataObservable) return data$.reading;
  throw invalidType(name, 'a Connection', connection);
}
