import { Observable, type Observer, type Subscriber, Subscription, type TeardownLogic } from 'rxjs';
import { invalidType, propertyOf } from '../../core/argument';
import type { Holdable } from '../pacing/Holds';
import { currentOrigin, Origin } from '../pacing/Origin';

/** A connection as operators see it, which hold it back, or serve it. */
export interface Reading extends Holdable {
  /** Whether chunks are only lent. */
  readonly lends: boolean;
  /** Stops reading until as many calls of `release`. */
  hold(): void;
  /** Takes one `hold` back. The last one delivers at once what had arrived. */
  release(): void;
  /** Calls back in the context of the connection, as `data$` does. */
  inContext(call: () => void): void;
  /** Gives back bytes that were emitted and not used: whoever reads next gets them first. */
  giveBack(bytes: Uint8Array): void;
  /** Leaves it to the caller to end our side behind the end of the peer's, as with `allowHalfOpen`. */
  keepHalfOpen(): void;
  /** Why the connection is closed: null for an orderly end; undefined while it is open. */
  readonly reason: Error | null | undefined;
  /** Who accepted the connection; null for one that we opened. */
  readonly acceptor: Holdable | null;
  /** Tells the reader the end as if the peer had ended, though it has not; whoever subscribes later is told the same. */
  stop(): void;
  /** Whether `stop` was called: what the reader has of an incomplete frame is not truncated, only not read to its end. */
  readonly isStopped: boolean;
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
  const data$ = propertyOf(name, connection, 'data$');
  if (data$ instanceof DataObservable) return data$.reading;
  throw invalidType(name, 'a Connection', connection);
}
