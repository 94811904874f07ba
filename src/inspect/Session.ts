import type { SchedulerLike } from 'rxjs';
import { Clock } from '../testing/Clock';
import { drawMarbles } from '../testing/drawMarbles';
import { Letters } from '../testing/Letters';
import type { Marble } from '../testing/parseMarbles';
import type { Recording } from '../testing/record';
import type { Limits } from './limits';

/** What was kept: a chunk, or the end of one side, or of both. */
export type Entry =
  | { readonly time: number; readonly direction: 'in' | 'out'; readonly bytes: Buffer }
  | { readonly time: number; readonly direction: 'in' | 'out'; readonly end: '|' | '#' };

/** Milliseconds that times are rounded to: a service takes some to answer, which in virtual time is at once. */
const STEP = 10;

/** The bytes and ends of one connection, as far as there is room for them. */
export class Session {
  readonly #limits: Limits;
  /** When the connection was opened; null: before anybody looked. */
  readonly #openedAt: number | null;
  readonly #entries: Entry[] = [];
  #bytes = 0;
  #isCut = false;
  #error: Error | null = null;

  constructor(limits: Limits, openedAt: number | null) {
    this.#limits = limits;
    this.#openedAt = openedAt;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Why it cannot become a test; null: it can. */
  get unsavable(): string | null {
    if (this.#openedAt === null) return 'its beginning was not seen';
    if (this.#isCut) return 'it has more bytes than are kept';
    return null;
  }

  /** Copies a chunk, unless there is no room left for it and all that follows. */
  add(time: number, direction: 'in' | 'out', chunk: Uint8Array | string): void {
    if (this.#isCut) return;
    const size = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length;
    const isFull =
      this.#bytes + size > this.#limits.bytesPerConnection ||
      this.#entries.length >= this.#limits.chunksPerConnection;
    if (isFull) {
      this.#isCut = true;
      return;
    }
    this.#bytes += size;
    if (size > 0) this.#entries.push({ time, direction, bytes: Buffer.from(chunk) });
  }

  end(time: number, direction: 'in' | 'out', end: '|' | '#'): void {
    if (!this.#hasEnded(direction)) this.#entries.push({ time, direction, end });
  }

  /** It is closed: what had not ended before ends now. */
  close(time: number, error: Error | null): void {
    this.#error = error;
    if (error && isOfPeer(error)) this.end(time, 'in', '#');
    this.end(time, 'out', error ? '#' : '|');
  }

  #hasEnded(direction: 'in' | 'out'): boolean {
    return this.#entries.some((entry) => 'end' in entry && entry.direction === direction);
  }

  /** As `record` would have recorded it. */
  get recording(): Recording {
    let time = this.#openedAt ?? 0;
    const clock = new Clock({ now: () => time } as SchedulerLike, STEP);
    const letters = new Letters();
    const rows = { in: [] as Marble[], out: [] as Marble[] };
    for (const entry of this.#entries) {
      ({ time } = entry);
      const mark = 'end' in entry ? entry.end : letters.letterOf(entry.bytes);
      rows[entry.direction].push({ frame: clock.now(), mark });
    }
    const [received = '', sent = ''] = drawMarbles([rows.in, rows.out]);
    const values = letters.table((bytes) => bytes);
    return { received, sent, values, ...(this.#error && { error: this.#error }) };
  }
}

/** Whether the peer's leaving is why it was closed. */
function isOfPeer(error: Error & { code?: unknown }): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}
