/** Milliseconds between two looks of the line. */
const PERIOD = 100;
const BAR_WIDTH = 24;
const CLEAR_LINE = '\r\x1b[K';

/** One line on stderr that changes while something takes long. Shows nothing unless stderr is a terminal. */
export class Progress {
  readonly #isShown = process.stderr.isTTY;
  #lastShown = -Infinity;

  /** Shows another text, at most ten times a second. */
  show(text: () => string): void {
    const now = performance.now();
    if (!this.#isShown || now - this.#lastShown < PERIOD) return;
    this.#lastShown = now;
    process.stderr.write(CLEAR_LINE + text().slice(0, process.stderr.columns - 1));
  }

  /** Removes the line, so that other text can be written. */
  clear(): void {
    if (this.#lastShown > -Infinity) process.stderr.write(CLEAR_LINE);
    this.#lastShown = -Infinity;
  }
}

/** A bar, of which a share from 0 to 1 is filled. */
export function bar(share: number): string {
  const filled = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`;
}
