import type { SchedulerLike, Subscription } from 'rxjs';
import type { Where } from '../core/errors';
import { timedOut } from './connection/timedOut';
import { after } from './timer';

/** Where the frames come from. */
export interface FrameSource {
  /** Whether we hold the peer back: then the silence is our doing. */
  readonly isHeld: boolean;
  /** How often it was released from that so far. */
  readonly releases: number;
  /** The peer, for the error. */
  readonly peer: Where;
  /** Calls back in the context of the connection. */
  inContext(call: () => void): void;
}

/** Fires when a frame that has begun is not complete within a given time. */
export class FrameDeadline {
  readonly #scheduler: SchedulerLike;
  readonly #timeout: number;
  readonly #source: FrameSource | null;
  readonly #onLate: (error: Error) => void;
  #timer: Subscription | null = null;
  /** When the frame began. */
  #beganAt = 0;
  /** How often the source had been released by then. */
  #releases = 0;
  /** How many bytes of it have arrived; 0: no frame has begun. */
  #bytes = 0;

  constructor(
    { timeout, scheduler }: { timeout: number; scheduler: SchedulerLike },
    source: FrameSource | null,
    onLate: (error: Error) => void,
  ) {
    this.#timeout = timeout;
    this.#scheduler = scheduler;
    this.#source = source;
    this.#onLate = onLate;
  }

  /**
   * Call after each chunk.
   *
   * @param bytes how many bytes of an incomplete frame there are
   * @param isAnother whether a frame was completed before them
   */
  note(bytes: number, isAnother: boolean): void {
    if (bytes > 0 && (isAnother || this.#bytes === 0)) this.#begin();
    this.#bytes = bytes;
    if (bytes > 0) this.#timer ??= after(this.#scheduler, this.#timeout, this.#look);
  }

  stop(): void {
    this.#timer?.unsubscribe();
    this.#timer = null;
  }

  #begin(): void {
    this.#beganAt = this.#scheduler.now();
    this.#releases = this.#source?.releases ?? 0;
  }

  // The timer is not restarted for each frame: when it is due it checks when the present frame began, and waits for the
  // time that is left.
  readonly #look = (): void => {
    this.#timer = null;
    if (this.#bytes === 0) return;
    const source = this.#source;
    if (source && (source.isHeld || source.releases > this.#releases)) this.#begin();
    const left = this.#beganAt + this.#timeout - this.#scheduler.now();
    if (left > 0) {
      this.#timer = after(this.#scheduler, left, this.#look);
      return;
    }
    const what = `a frame did not arrive within ${this.#timeout} ms, after ${this.#bytes} bytes`;
    const tell = (): void => {
      this.#onLate(timedOut(source?.peer ?? {}, what));
    };
    if (source) source.inContext(tell);
    else tell();
  };
}
