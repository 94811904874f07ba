import type { Observable, Observer, Subscription } from 'rxjs';
import { currentOrigin, Origin } from './Origin';
import type { Reading } from '../connection/Reading';

/** What one operator is subscribed to: it tells which connection a value came from. */
export class Upstream {
  readonly #subscribing = new Origin(null);
  #isSubscribing = false;
  #hasWarned = false;

  /**
   * Subscribes. A connection that is emitting already, because its value made somebody subscribe to the operator, is not
   * where the operator's values come from.
   */
  subscribe<T>(source: Observable<T>, observer: Observer<T>): Subscription {
    const outer = currentOrigin();
    this.#isSubscribing = true;
    try {
      return this.#subscribing.during(() => source.subscribe(observer));
    } finally {
      this.#isSubscribing = false;
      outer?.include(this.#subscribing);
    }
  }

  /**
   * The connection that the value came from which is being handled; null if that cannot be known.
   *
   * A value that an operator such as `delay` has kept comes from nobody who is emitting now. Then it is the one
   * connection that subscribing to the source has subscribed to. If its values choose what else is subscribed to, as
   * before `switchMap`, it is not: holding it back could stop the very value that ends the work.
   */
  get emitter(): Reading | null {
    const reading = currentOrigin()?.reading;
    if (reading) return reading;
    const only = this.#subscribing.onlyOpened;
    return only && !only.hasOpened ? only.reading : null;
  }

  /**
   * Says, once, that a value waits whose connection is not known, so that nothing is held back. What a source emits
   * while it is being subscribed to, as `of` does, is in memory already: holding back would save nothing.
   *
   * @param advice what the program can do
   */
  warnUnheld(advice: string): void {
    if (this.#hasWarned || this.#isSubscribing) return;
    this.#hasWarned = true;
    process.emitWarning(
      'The connection that values come from is not known, so it goes on being read although they have to wait. ' +
        `Operators that emit later, such as delay, hide it. ${advice}`,
      { type: 'UnheldSourceWarning', code: 'BIPOLL_UNHELD_SOURCE' },
    );
  }
}
