import type { Reading } from '../connection/Reading';

/** The connections that one operator, or stream, holds back at the moment: each once, however often it is asked to. */
export class Holds {
  readonly #held = new Set<Reading>();

  hold(reading: Reading): void {
    if (this.#held.has(reading)) return;
    this.#held.add(reading);
    reading.hold();
  }

  release(reading: Reading): void {
    if (this.#held.delete(reading)) reading.release();
  }

  /** Call it after unsubscribing, not before: a connection that is released delivers what it has at once. */
  releaseAll(): void {
    if (this.#held.size === 0) return;
    // What one of them delivers may make it be held again.
    const held = [...this.#held];
    this.#held.clear();
    for (const reading of held) reading.release();
  }
}
