/** How far back it goes, in milliseconds. */
export const REACH = 300_000;

/** The stretch of time that is shown: it follows the present, or stands still. */
export class TimeLine {
  /** Milliseconds from one edge to the other. */
  span = 10_000;
  /** The right edge; null: the present. */
  #stoppedAt: number | null = null;

  get isLive(): boolean {
    return this.#stoppedAt === null;
  }

  /** The right edge. */
  end(now: number): number {
    const stoppedAt = this.#stoppedAt;
    return stoppedAt === null ? now : Math.max(stoppedAt, now - REACH);
  }

  pause(now: number): void {
    this.#stoppedAt = this.end(now);
  }

  resume(): void {
    this.#stoppedAt = null;
  }

  /** Moves by so many milliseconds. At the present it stands still until it is resumed. */
  scroll(by: number, now: number): void {
    this.#stoppedAt = Math.min(now, Math.max(now - REACH, this.end(now) + by));
  }

  /** Puts the right edge so many milliseconds before the present; 0 is the present, which it follows. */
  scrollTo(before: number, now: number): void {
    this.#stoppedAt = before <= 0 ? null : now - Math.min(before, REACH);
  }

  /** Where a moment is, in a lane of this width. */
  x(time: number, width: number, now: number): number {
    return width * (1 - (this.end(now) - time) / this.span);
  }
}
