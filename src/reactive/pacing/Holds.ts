/** Something that can be held back: the reading of a connection, or the accepting of a listener. */
export interface Holdable {
  hold(): void;
  release(): void;
}

/** What one operator or stream holds back at the moment: each at most once. */
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

  /** Call after unsubscribing: what is released delivers at once what it has. */
  releaseAll(): void {
    if (this.#held.size === 0) return;
    // Delivery by one of them may lead to another hold.
    const held = [...this.#held];
    this.#held.clear();
    for (const source of held) source.release();
  }
}
