import type { Observer, Subscription } from 'rxjs';
import type { Reading } from '../connection/Reading';

let current: Origin | null = null;

/**
 * What is going on in this thread: the origin of the value that operators are handling, or null.
 *
 * Observables call each other synchronously. So whatever operators lie between a connection and the one that asks, and
 * however they were composed, the connection that emits at this moment is the one that the value comes from.
 */
export function currentOrigin(): Origin | null {
  return current;
}

/** @returns what was the current origin before, to go back to */
function enter(origin: Origin | null): Origin | null {
  const outer = current;
  current = origin;
  return outer;
}

/** Where values come from: one subscription to a connection's `data$`, or what is left of that later on. */
export class Origin {
  /** The chunk that `data$` is emitting, to tell it from what operators made of it. */
  chunk: Buffer | null = null;
  /** Whether `data$` has completed. */
  hasEnded = false;

  #size = 0;
  #openings = 0;
  #opened: Origin | null = null;

  /**
   * @param reading the connection; null if it is not known
   * @param life ends when `data$` is not subscribed to any more, and all that its end leads to has been emitted; null for
   *   values that are emitted later than `data$` did
   */
  constructor(
    readonly reading: Reading | null,
    readonly life: Subscription | null = null,
  ) {}

  /** Emits a value that comes from here. It costs two assignments, as every chunk passes through it. */
  emit<T>(observer: Pick<Observer<T>, 'next'>, value: T): void {
    const outer = enter(this);
    try {
      observer.next(value);
    } finally {
      enter(outer);
    }
  }

  /** Does any other work on behalf of this origin. */
  during<R>(work: () => R): R {
    const outer = enter(this);
    try {
      return work();
    } finally {
      enter(outer);
    }
  }

  /** How many bytes the value was that is emitted next. */
  set size(bytes: number) {
    this.#size = bytes;
  }

  /** How many bytes the present value was: told once, or each of its parts would count for all of it. */
  takeSize(): number {
    const size = this.#size;
    this.#size = 0;
    return size;
  }

  /** Notes that a `data$` was subscribed to during this. */
  open(origin: Origin): void {
    this.#openings++;
    this.#opened = origin;
  }

  /** Notes what was subscribed to during a part of this. */
  include(part: Origin): void {
    if (part.#openings === 0) return;
    this.#openings += part.#openings;
    this.#opened = part.#opened;
  }

  /** Whether values from here have chosen which `data$` is subscribed to, as those before `switchMap` do. */
  get hasOpened(): boolean {
    return this.#openings > 0;
  }

  /** The `data$` that was subscribed to, if it was one and no more. */
  get onlyOpened(): Origin | null {
    return this.#openings === 1 ? this.#opened : null;
  }
}
