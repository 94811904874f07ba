import type { SchedulerLike } from 'rxjs';
import { Clock } from '../testing/Clock';
import { drawMarbles } from '../testing/drawMarbles';
import { Letters } from '../testing/Letters';
import type { Marble } from '../testing/parseMarbles';
import type { Recording } from '../testing/record';
import type { Limits } from './limits';
import type { Direction } from './wire';

/** What was kept: a chunk, or the end of one side, or of both. */
export type Entry =
  | { readonly time: number; readonly direction: Direction; readonly bytes: Buffer }
  | { readonly time: number; readonly direction: Direction; readonly end: '|' | '#' };

/** Which bytes are missing: those before anybody looked, or those that there was no room to keep. */
export type Missing = 'unseen' | 'unkept';

/** Somebody who is told what goes over one connection. None of these may throw. */
export interface Follower {
  /** The bytes are lent. */
  chunk(time: number, direction: Direction, bytes: Uint8Array): void;
  end(time: number, direction: Direction, mark: '|' | '#'): void;
  /** What comes next does not continue what came before. */
  miss(time: number, what: Missing): void;
}

/** Milliseconds that times are rounded to: a service takes some to answer, which in virtual time is at once. */
const STEP = 10;

/** The bytes and ends of one connection, as far as there is room for them. */
export class Session {
  readonly #limits: Limits;
  /** When the connection was opened; null: before anybody looked. */
  readonly #openedAt: number | null;
  readonly #entries: Entry[] = [];
  #bytes = 0;
  readonly #followers = new Set<Follower>();
  /** How many entries there were when the first bytes were not kept, and when that was; null: all were kept. */
  #cut: { readonly at: number; readonly time: number } | null = null;
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
    if (this.#cut) return 'it has more bytes than are kept';
    return null;
  }

  /**
   * Tells somebody what was kept, at once, and then what happens.
   *
   * @returns what to call when they have left
   */
  follow(follower: Follower): () => void {
    if (this.#openedAt === null)
      follower.miss(this.#entries[0]?.time ?? performance.now(), 'unseen');
    const tellCut = (at: number) => {
      if (this.#cut?.at === at) follower.miss(this.#cut.time, 'unkept');
    };
    for (const [at, entry] of this.#entries.entries()) {
      tellCut(at);
      const { time, direction } = entry;
      if ('end' in entry) follower.end(time, direction, entry.end);
      else follower.chunk(time, direction, entry.bytes);
    }
    tellCut(this.#entries.length);
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Keeps a copy of a chunk, unless there is no room left for it and all that follows. */
  add(time: number, direction: Direction, chunk: Uint8Array | string): void {
    if (this.#cut && this.#followers.size === 0) return;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    for (const follower of this.#followers) follower.chunk(time, direction, bytes);
    if (this.#cut) return;
    const isFull =
      this.#bytes + bytes.length > this.#limits.bytesPerConnection ||
      this.#entries.length >= this.#limits.chunksPerConnection;
    if (isFull) {
      this.#cut = { at: this.#entries.length, time };
      return;
    }
    this.#bytes += bytes.length;
    if (bytes.length > 0) this.#entries.push({ time, direction, bytes: Buffer.from(bytes) });
  }

  end(time: number, direction: Direction, end: '|' | '#'): void {
    if (this.#hasEnded(direction)) return;
    this.#entries.push({ time, direction, end });
    for (const follower of this.#followers) follower.end(time, direction, end);
  }

  /** It is closed: what had not ended before ends now. */
  close(time: number, error: Error | null): void {
    this.#error = error;
    if (error && isOfPeer(error)) this.end(time, 'in', '#');
    this.end(time, 'out', error ? '#' : '|');
  }

  #hasEnded(direction: Direction): boolean {
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
