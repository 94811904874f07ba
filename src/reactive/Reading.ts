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
  let each: Observable<unknown> | undefined = source;
  while (each && !(each instanceof DataObservable)) each = each.source;
  return each?.reading;
}
