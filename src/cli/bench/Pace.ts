const MOST_SAMPLES = 100_000;

/** When the requests of all connections together are due: at once, or at a rate. */
export class Pace {
  readonly #period: number;
  readonly #most: number;
  #given = 0;
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

  /** When the next request is due, which is in the past if it is late; null if there is none any more. */
  next(now: number): number | null {
    if (this.#given === this.#most) return null;
    const due = this.#period === 0 ? now : this.#start + this.#given * this.#period;
    this.#given++;
    return due;
  }

  /** When each request was due that nobody was free to ask until now; of very many, when some of them were, evenly. */
  *overdue(now: number): Generator<{ readonly due: number; readonly count: number }> {
    if (this.#period === 0) return;
    const end = Math.min(this.#most, Math.ceil((now - this.#start) / this.#period));
    const count = Math.ceil((end - this.#given) / MOST_SAMPLES);
    for (let each = this.#given; each < end; each += count) {
      yield { due: this.#start + each * this.#period, count: Math.min(count, end - each) };
    }
  }
}
