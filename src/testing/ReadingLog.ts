import type { SchedulerLike } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** A stretch of time, as `expectSubscriptions` compares it: `'--^--!'`. */
export type Stretch = ReturnType<typeof TestScheduler.parseMarblesAsSubscriptions>;

/** When a connection was read. */
export class ReadingLog {
  readonly stretches: Stretch[] = [];
  #isOpen = false;

  constructor(readonly scheduler: SchedulerLike) {}

  set(isReading: boolean): void {
    if (isReading === this.#isOpen) return;
    this.#isOpen = isReading;
    const now = this.scheduler.now();
    const last = this.stretches.at(-1);
    if (!isReading) {
      last!.unsubscribedFrame = now;
    } else if (last?.unsubscribedFrame === now) {
      // Paused and resumed within one moment.
      last.unsubscribedFrame = Infinity;
    } else {
      const stretch = TestScheduler.parseMarblesAsSubscriptions('^');
      stretch.subscribedFrame = now;
      this.stretches.push(stretch);
    }
  }
}
