import { asyncScheduler, type SchedulerLike, Subscription } from 'rxjs';
import type { Decoder } from '../../framing/Codec';
import { after } from '../../reactive/timer';
import type { Activity } from '../Activity';
import { LIMITS } from '../limits';
import { INTERVAL, type Outlet, sendEvent } from '../Outlet';
import type { ShownConnection } from '../ShownConnection';
import { FrameFeed } from './FrameFeed';

/** Each of them may have two frames in memory that are not complete. */
const MOST_VIEWERS = 8;

/** Sends frames to whoever has asked for those of a connection, until they leave or it is shown no longer. */
export class FrameViewers {
  readonly #activity: Activity;
  readonly #scheduler: SchedulerLike;
  readonly #viewers = new Set<FrameViewer>();

  constructor(activity: Activity, scheduler: SchedulerLike = asyncScheduler) {
    this.#activity = activity;
    this.#scheduler = scheduler;
  }

  get isFull(): boolean {
    return this.#viewers.size >= MOST_VIEWERS;
  }

  /** @returns what to call when it has left */
  add(outlet: Outlet, shown: ShownConnection, decoder: Decoder<unknown>): () => void {
    const isShown = () => this.#activity.connection(shown.id) === shown;
    const viewer = new FrameViewer(outlet, new FrameFeed(decoder, LIMITS), isShown);
    this.#viewers.add(viewer);
    viewer.follow(shown, this.#scheduler);
    return () => {
      viewer.leave();
      this.#viewers.delete(viewer);
    };
  }

  close(): void {
    for (const viewer of this.#viewers) viewer.end();
    this.#viewers.clear();
  }
}

/** One page that shows frames. */
class FrameViewer {
  readonly #outlet: Outlet;
  readonly #feed: FrameFeed;
  readonly #isShown: () => boolean;
  #timer = Subscription.EMPTY;
  #leaveSession = (): void => undefined;

  constructor(outlet: Outlet, feed: FrameFeed, isShown: () => boolean) {
    this.#outlet = outlet;
    this.#feed = feed;
    this.#isShown = isShown;
  }

  follow(shown: ShownConnection, scheduler: SchedulerLike): void {
    this.#leaveSession = shown.session.follow(this.#feed);
    this.#tell(scheduler);
  }

  leave(): void {
    this.#timer.unsubscribe();
    this.#leaveSession();
  }

  end(): void {
    this.leave();
    this.#outlet.end();
  }

  #tell(scheduler: SchedulerLike): void {
    if (!this.#isShown()) {
      this.end();
      return;
    }
    if (this.#feed.hasNews && !this.#outlet.writableNeedDrain) {
      sendEvent(this.#outlet, this.#feed.take());
    }
    this.#timer = after(scheduler, INTERVAL, () => {
      this.#tell(scheduler);
    });
  }
}
