import type { Batch, Mark, Row, Totals } from '../wire';

const MOST_MARKS = 1500;
/** Milliseconds that rates are taken over. */
const RATE_SPAN = 2000;

/** A connection with what happened on it, the latest marks. */
export interface Lane {
  row: Row;
  marks: Mark[];
}

/** So many of each a second. */
export interface Rates {
  readonly opened: number;
  readonly chunksIn: number;
  readonly chunksOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Marks that were left out. */
  readonly leftOut: number;
}

/** All that the page knows, from the batches of the service. */
export class Model {
  readonly lanes = new Map<number, Lane>();
  totals: Totals | null = null;
  hidden = 0;
  #history: { time: number; totals: Totals; leftOut: number }[] = [];

  /** The service follows nothing before somebody looks, so whoever connects again begins again. */
  clear(): void {
    this.lanes.clear();
    this.totals = null;
    this.hidden = 0;
    this.#history = [];
  }

  apply({ time, totals, rows, marks, gone, leftOut, hidden }: Batch): void {
    this.totals = totals;
    this.hidden = hidden;
    this.#history.push({ time, totals, leftOut });
    while (this.#history[0]!.time < time - RATE_SPAN) this.#history.shift();
    for (const id of gone) this.lanes.delete(id);
    for (const row of rows) {
      const lane = this.lanes.get(row.id);
      if (lane) lane.row = row;
      else this.lanes.set(row.id, { row, marks: [] });
    }
    for (const mark of marks) {
      const lane = this.lanes.get(mark[0]);
      if (!lane) continue;
      lane.marks.push(mark);
      // Not one by one, which would move all others each time.
      if (lane.marks.length > MOST_MARKS + 100) lane.marks = lane.marks.slice(-MOST_MARKS);
    }
  }

  get rates(): Rates {
    const first = this.#history[0];
    const last = this.#history.at(-1);
    if (!first || !last || first === last) {
      return { opened: 0, chunksIn: 0, chunksOut: 0, bytesIn: 0, bytesOut: 0, leftOut: 0 };
    }
    const seconds = (last.time - first.time) / 1000;
    const rate = (name: keyof Totals) => (last.totals[name] - first.totals[name]) / seconds;
    const leftOut = this.#history.slice(1).reduce((sum, each) => sum + each.leftOut, 0) / seconds;
    return {
      opened: rate('opened'),
      chunksIn: rate('chunksIn'),
      chunksOut: rate('chunksOut'),
      bytesIn: rate('bytesIn'),
      bytesOut: rate('bytesOut'),
      leftOut,
    };
  }
}

/** Whether a connection has all words of a filter: in its name, its number or its state. */
export function matches(row: Row, filter: string): boolean {
  const text = `#${row.id} ${row.name} ${stateOf(row)} ${row.error ?? ''}`.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function stateOf({ isOpen, heldAt, error }: Row): string {
  if (isOpen) return heldAt === null ? 'open' : 'open held';
  return error === null ? 'closed' : 'closed failed';
}
