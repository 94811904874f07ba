/** What can be held back: the reading of a connection, the accepting of a listener. */
export interface Holdable {
  hold(): void;
  release(): void;
}

/** What one operator, or stream, holds back at the moment: each once, however often it is asked to. */
export class Holds {
  readonly #held = new Set<Holdable>();

  hold(source: Holdable): void {
    if (this.#held.has(source)) return;
    this.#held.add(source);
    source.hold();
  }

  release(source: Holdable): void {
    if (this.#held.delete(source)) source.release();
  }

  /** Call it after unsubscribing, not before: what is released delivers at once what it has. */
  releaseAll(): void {
    if (this.#held.size === 0) return;
    // What one of them delivers may make it be held again.
    const held = [...this.#held];
    this.#held.clear();
    for (const source of held) source.release();
  }
}
