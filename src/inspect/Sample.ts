import { SLICE } from './Allowance';

/**
 * So many of what happens in each second, evenly, and of a busy tenth of a second any as likely as any other (a
 * reservoir). The first ones alone would be, turn after turn, those of the connections that are served first.
 */
export class Sample<Item> {
  readonly #perSlice: number;
  #slice = -1;
  /** For how many more of this slice there is room, those in #present among them. */
  #room = 0;
  /** How many came in this slice since something was taken. */
  #seen = 0;
  #past: Item[] = [];
  #present: Item[] = [];
  #leftOut = 0;

  constructor(perSecond: number) {
    this.#perSlice = Math.floor((perSecond * SLICE) / 1000);
  }

  /** @param time milliseconds */
  add(time: number, item: Item): void {
    const slice = Math.floor(time / SLICE);
    if (slice > this.#slice) this.#begin(slice);
    this.#seen++;
    if (this.#present.length < this.#room) {
      this.#present.push(item);
      return;
    }
    this.#leftOut++;
    const at = Math.floor(Math.random() * this.#seen);
    if (at < this.#room) this.#present[at] = item;
  }

  /** What was kept since it was last taken, not in order, and how many were not. */
  take(): { readonly items: Item[]; readonly leftOut: number } {
    const taken = { items: [...this.#past, ...this.#present], leftOut: this.#leftOut };
    this.#room -= this.#present.length;
    this.#seen = 0;
    this.#past = [];
    this.#present = [];
    this.#leftOut = 0;
    return taken;
  }

  #begin(slice: number): void {
    this.#past.push(...this.#present);
    this.#slice = slice;
    this.#room = this.#perSlice;
    this.#seen = 0;
    this.#present = [];
  }
}
