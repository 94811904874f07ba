import { Observable, type Subscriber, type TeardownLogic } from 'rxjs';

/** The reading side of a connection, as operators see it that hold it back. */
export interface Reading {
  /** Whether chunks are only lent. */
  readonly lends: boolean;
  /** Stops reading until as many calls of `release`. */
  hold(): void;
  release(): void;
  /** Gives back bytes that were emitted and not used: whoever reads next gets them first. */
  giveBack(bytes: Uint8Array): void;
  /** Leaves it to the caller to end our side behind the end of the peer's, as with `allowHalfOpen`. */
  keepHalfOpen(): void;
}

/** A connection's `data$`: an Observable that can be held back. */
export class DataObservable extends Observable<Buffer> {
  constructor(
    readonly reading: Reading,
    subscribe: (subscriber: Subscriber<Buffer>) => TeardownLogic,
  ) {
    super(subscribe);
  }
}

/**
 * The connection that an Observable gets its values from, through any operators of one source; undefined if it
 * does not come from one, or not only.
 */
export function readingBehind(source: Observable<unknown>): Reading | undefined {
  let each: unknown = source;
  while (each instanceof Observable && !(each instanceof DataObservable)) {
    each = (each as unknown as Derived).source;
  }
  return each instanceof DataObservable ? each.reading : undefined;
}

/** Lets {@link readingBehind} look through an operator of ours to its source, as it does through those of rxjs. */
export function derivedFrom<T>(source: Observable<unknown>, derived: Observable<T>): Observable<T> {
  (derived as unknown as Derived).source = source;
  return derived;
}

/** What every operator of rxjs 7 that has one source leaves in the Observable that it makes. */
interface Derived {
  source: unknown;
}
