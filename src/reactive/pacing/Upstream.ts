import type { Observable, Observer, Subscription } from 'rxjs';
import { currentOrigin, Origin } from './Origin';
import type { Reading } from '../connection/Reading';

/** The source of one operator: finds the connection that a value came from. */
export class Upstream {
  readonly #subscribing = new Origin(null);
  #isSubscribing = false;
  #hasWarned = false;

  /**
   * Subscribes. If a connection is emitting already, and its value caused this subscription, the operator's values do
   * not come from it.
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
   * When an operator such as `delay` emits a value later, no connection is emitting. Then it is the only connection
   * that the source has subscribed to, unless that connection's values decide what else is subscribed to, as before
   * `switchMap`: holding it back could stop the very value that ends the work.
   */
  get emitter(): Reading | null {
    const reading = currentOrigin()?.reading;
    if (reading) return reading;
    const only = this.#subscribing.onlyOpened;
    return only && !only.hasOpened ? only.reading : null;
  }

  /**
   * Warns, once, that a value waits whose connection is not known, so that nothing is held back. What a source such as
   * `of` emits while being subscribed to is in memory already: holding back would save nothing.
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
