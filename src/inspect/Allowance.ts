/** Milliseconds of what is counted together. */
export const SLICE = 100;

/** So much of something in each second, evenly: a tenth of it in each tenth of a second. */
export class Allowance {
  readonly #perSlice: number;
  #slice = -1;
  #left = 0;

  constructor(perSecond: number) {
    this.#perSlice = Math.floor((perSecond * SLICE) / 1000);
  }

  /** @param time milliseconds @returns whether there was one left */
  take(time: number): boolean {
    const slice = Math.floor(time / SLICE);
    if (slice > this.#slice) {
      this.#slice = slice;
      this.#left = this.#perSlice;
    }
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
