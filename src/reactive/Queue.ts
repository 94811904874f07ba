/** With fewer taken items than this, moving the rest to the front is not worth it. */
const MIN_GAP = 64;

/** First in, first out. Each item is moved at most once, whereas `Array.shift` moves all of them each time. */
export class Queue<T> {
  #items: (T | undefined)[] = [];
  /** The index of the first item; those before it have been taken. */
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  get last(): T | undefined {
    return this.length > 0 ? this.#items.at(-1) : undefined;
  }

  /** The first items, at most so many, which stay. */
  firstOnes(count: number): T[] {
    return this.#items.slice(this.#head, this.#head + count) as T[];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the first item; undefined if there is none. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined; // keep no taken item alive
    if (this.length === 0) this.takeAll();
    else if (this.#head >= MIN_GAP && this.#head >= this.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes all of them. */
  takeAll(): T[] {
    const items = this.#items.slice(this.#head) as T[];
    this.#items = [];
    this.#head = 0;
    return items;
  }
}
