import { MOST_MILLISECONDS } from '../reactive/timer';

/** What {@link Stillness} observes. */
export interface Moving {
  /** How many bytes have moved so far, in either direction. */
  readonly movedBytes: number;
}

/**
 * Fires once when no byte has moved for so many milliseconds. Times longer than a timer takes are cut, as by
 * `net.Socket`. It does not keep the process alive.
 */
export class Stillness {
  readonly #moving: Moving;
  readonly #onStill: () => void;
  readonly #timer: NodeJS.Timeout;
  #movedBytes: number;

  constructor(milliseconds: number, moving: Moving, onStill: () => void) {
    this.#moving = moving;
    this.#onStill = onStill;
    this.#movedBytes = moving.movedBytes;
    this.#timer = setTimeout(
      () => {
        this.#look();
      },
      Math.min(milliseconds, MOST_MILLISECONDS),
    ).unref();
  }

  /** Restarts the time. */
  touch(): void {
    this.#movedBytes = this.#moving.movedBytes;
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The system may have taken a part of a large write, which is not reported. */
  #look(): void {
    if (this.#moving.movedBytes === this.#movedBytes) this.#onStill();
    else this.touch();
  }
}
