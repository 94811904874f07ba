import type { Observer, Subscription } from 'rxjs';
import type { Reading } from '../connection/Reading';

let current: Origin | null = null;

/**
 * The origin of the value that this thread is handling, or null.
 *
 * Observables call each other synchronously. So whatever operators lie between a connection and the operator that asks,
 * the connection that is emitting at this moment is the one that the value comes from.
 */
export function currentOrigin(): Origin | null {
  return current;
}

/** @returns the origin before, to be restored afterwards */
function enter(origin: Origin | null): Origin | null {
  const outer = current;
  current = origin;
  return outer;
}

/** Where values come from: one subscription to a connection's `data$`, or a reference to it for later. */
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

  /** Emits a value that comes from here. Every chunk passes through this, so it costs two assignments only. */
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

  /** Sets the size in bytes of the value that is emitted next. */
  set size(bytes: number) {
    this.#size = bytes;
  }

  /**
   * Takes the size of the present value. It is given once: otherwise each of several parts would count for the whole.
   */
  takeSize(): number {
    const size = this.#size;
    this.#size = 0;
    return size;
  }

  /** Records that a `data$` was subscribed to while this was current. */
  open(origin: Origin): void {
    this.#openings++;
    this.#opened = origin;
  }

  /** Records what was subscribed to during a part of this. */
  include(part: Origin): void {
    if (part.#openings === 0) return;
    this.#openings += part.#openings;
    this.#opened = part.#opened;
  }

  /** Whether values from here decide which `data$` is subscribed to, as those before `switchMap` do. */
  get hasOpened(): boolean {
    return this.#openings > 0;
  }

  /** The `data$` that was subscribed to, if it was one and no more. */
  get onlyOpened(): Origin | null {
    return this.#openings === 1 ? this.#opened : null;
  }
}
