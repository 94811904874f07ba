import type { Both, Direction, FrameBatch, FrameItem, FrameNote, Mark } from '../wire';
import type { Lane } from './Model';

export const MOST_ITEMS = 1000;

/** The frames of the connection that is opened, the latest. */
export class FrameModel {
  #items: FrameItem[] = [];
  #counts: Both<number> = { in: 0, out: 0 };
  #restBytes: Both<number> = { in: 0, out: 0 };
  #leftOut = 0;
  readonly #failed = new Set<Direction>();

  #start: number | null = null;

  get items(): readonly FrameItem[] {
    return this.#items;
  }

  /** When the first of them all was. */
  get start(): number {
    return this.#start ?? 0;
  }

  apply({ items, counts, restBytes, leftOut }: FrameBatch): void {
    this.#start ??= items[0]?.time ?? null;
    this.#items = [...this.#items, ...items].slice(-MOST_ITEMS);
    this.#counts = counts;
    this.#restBytes = restBytes;
    this.#leftOut += leftOut;
    for (const item of items) {
      if (!isNote(item)) continue;
      // A note about both directions says that decoding begins again.
      if (item.direction === null) this.#failed.clear();
      else if (item.isError) this.#failed.add(item.direction);
    }
  }

  /** Counts, and what is the matter: `in: 12 frames, 3 B of the next; out: 4 frames, then an error`. */
  get summary(): string {
    const parts = [`in: ${this.#summaryOf('in')}`, `out: ${this.#summaryOf('out')}`];
    if (this.#leftOut > 0) parts.push(`a sample: ${this.#leftOut} frames are left out`);
    return parts.join('; ');
  }

  #summaryOf(direction: Direction): string {
    const count = this.#counts[direction];
    const rest = this.#restBytes[direction];
    const frames = count === 1 ? '1 frame' : `${count} frames`;
    if (this.#failed.has(direction)) return `${frames}, then an error`;
    return rest > 0 ? `${frames}, ${rest} B of the next` : frames;
  }

  /** A lane that has frames as its marks in the place of chunks, and a cross where decoding has failed. */
  laneOf({ row, marks }: Lane): Lane {
    const others = marks.filter(([, , kind]) => kind !== 'in' && kind !== 'out');
    const own = this.#items.flatMap((item) => markOf(row.id, item));
    return { row, marks: [...others, ...own].sort(([, one], [, other]) => one - other) };
  }
}

export function isNote(item: FrameItem): item is FrameNote {
  return 'note' in item;
}

function markOf(id: number, item: FrameItem): Mark[] {
  if (!isNote(item)) return [[id, item.time, item.direction, item.bytes, 0]];
  if (!item.isError) return [];
  return [[id, item.time, item.direction === 'in' ? 'peerReset' : 'ownReset', 0, 0]];
}
