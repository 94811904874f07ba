/** When the requests of all connections together are due: at once, or at a rate. */
export class Pace {
  readonly #period: number;
  readonly #most: number;
  #asked = 0;
  #start = 0;

  /**
   * @param rate requests a second; undefined: as many as are answered
   * @param most how many in all
   */
  constructor(rate: number | undefined, most: number) {
    this.#period = rate === undefined ? 0 : 1000 / rate;
    this.#most = most;
  }

  start(now: number): void {
    this.#start = now;
  }

  /**
   * When the next request is due, which is in the past if it is late; null if it was the last. A latency counts from then,
   * so that a server that stalls cannot hide how long those would have waited that were not asked meanwhile.
   */
  next(now: number): number | null {
    if (this.#asked === this.#most) return null;
    const due = this.#period === 0 ? now : this.#start + this.#asked * this.#period;
    this.#asked++;
    return due;
  }
}
