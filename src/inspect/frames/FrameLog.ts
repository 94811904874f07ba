import { Allowance } from '../Allowance';
import type { Limits } from '../limits';
import type { Direction, FrameBatch, FrameItem } from '../wire';
import { contentOf } from './contentOf';

/** Frames until they are sent, in the order in which they were decoded. Those beyond the limits are only counted. */
export class FrameLog {
  readonly #limits: Limits;
  readonly #allowance: Allowance;
  readonly #counts = { in: 0, out: 0 };
  #items: FrameItem[] = [];
  #leftOut = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#allowance = new Allowance(limits.framesPerSecond);
  }

  /** @param bytes what it took of the stream */
  addFrame(time: number, direction: Direction, bytes: number, frame: unknown): void {
    const index = ++this.#counts[direction];
    const { framesPerBatch, shownPerFrame } = this.#limits;
    if (this.#items.length >= framesPerBatch || !this.#allowance.take(time)) this.#leftOut++;
    else this.#items.push({ time, direction, index, bytes, ...contentOf(frame, shownPerFrame) });
  }

  addNote(time: number, direction: Direction | null, note: string, isError = false): void {
    this.#items.push({ time, direction, note, isError });
  }

  take(): Pick<FrameBatch, 'items' | 'counts' | 'leftOut'> {
    const taken = { items: this.#items, counts: { ...this.#counts }, leftOut: this.#leftOut };
    this.#items = [];
    this.#leftOut = 0;
    return taken;
  }
}
