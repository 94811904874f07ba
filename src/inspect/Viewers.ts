import { asyncScheduler, type SchedulerLike, Subscription } from 'rxjs';
import { after } from '../reactive/timer';
import type { Activity } from './Activity';
import { INTERVAL, type Outlet, sendEvent } from './Outlet';
import type { Batch } from './wire';

const MOST_VIEWERS = 16;

/** One page that is open somewhere. */
interface Viewer {
  readonly outlet: Outlet;
  /** How many marks it missed, as it did not take what was written before; null: none, it takes all. */
  missed: number | null;
}

/** Sends batches of what happens to all who look. What happens is followed only while there is somebody. */
export class Viewers {
  readonly #activity: Activity;
  readonly #scheduler: SchedulerLike;
  readonly #viewers = new Set<Viewer>();
  #timer = Subscription.EMPTY;

  constructor(activity: Activity, scheduler: SchedulerLike = asyncScheduler) {
    this.#activity = activity;
    this.#scheduler = scheduler;
  }

  get isFull(): boolean {
    return this.#viewers.size >= MOST_VIEWERS;
  }

  /** @returns what to call when it has left */
  add(outlet: Outlet): () => void {
    this.#activity.start();
    const viewer: Viewer = { outlet, missed: null };
    if (this.#viewers.size === 0) this.#schedule();
    this.#viewers.add(viewer);
    sendEvent(outlet, this.#activity.snapshot());
    return () => {
      if (this.#viewers.delete(viewer) && this.#viewers.size === 0) this.#rest();
    };
  }

  close(): void {
    for (const { outlet } of this.#viewers) outlet.end();
    this.#viewers.clear();
    this.#rest();
  }

  #rest(): void {
    this.#timer.unsubscribe();
    this.#activity.stop();
  }

  #schedule(): void {
    this.#timer = after(this.#scheduler, INTERVAL, () => {
      this.#tell(this.#activity.take());
      this.#schedule();
    });
  }

  #tell(batch: Batch): void {
    for (const viewer of this.#viewers) {
      const { outlet, missed } = viewer;
      if (outlet.writableNeedDrain) {
        viewer.missed = (missed ?? 0) + batch.marks.length + batch.leftOut;
      } else if (missed === null) {
        sendEvent(outlet, batch);
      } else {
        // It knows neither what has changed nor which connections have gone: so it is told all again.
        const leftOut = batch.leftOut + missed;
        sendEvent(outlet, { ...batch, rows: this.#activity.snapshot().rows, leftOut });
        viewer.missed = null;
      }
    }
  }
}
