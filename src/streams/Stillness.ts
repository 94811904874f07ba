import { MOST_MILLISECONDS } from '../reactive/timer';

/** What a timer of {@link Stillness} looks at. */
export interface Moving {
  /** Bytes that have moved so far, in either direction. */
  readonly movedBytes: number;
}

/**
 * Tells when nothing has moved for so many milliseconds, once; more than a timer takes are cut, as by `net.Socket`. It
 * keeps no process alive.
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

  /** Begins the time again. */
  touch(): void {
    this.#movedBytes = this.#moving.movedBytes;
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The system may have taken a part of a large write, which nobody is told of. */
  #look(): void {
    if (this.#moving.movedBytes === this.#movedBytes) this.#onStill();
    else this.touch();
  }
}
