import { native, type Token } from '../../core/native';
import type { Driver } from './Driver';
import { LentMemory, type ReadMemory } from './ReadMemory';
import { demandsEndedBy, MAX_RECORDS, RECORD_FIELDS, RecordKind } from './records';
import { throwLater } from '../throwLater';
import type { Watch } from './Watch';
import type { Watches } from './Watches';

/**
 * Tells the watches what a batch of records says, each in its own context. A batch that comes while nobody may be
 * called back is kept, and told later.
 */
export class Batches {
  readonly #pump: Token;
  readonly #driver: Driver;
  readonly #watches: Watches;
  /** Where the engine writes the batch that is told next. */
  readonly records = new Float64Array(MAX_RECORDS * RECORD_FIELDS);
  readonly #kept: { records: Float64Array; count: number }[] = [];
  /** Whether the present batch told anything but that bytes were sent. */
  #hasBroughtMore = false;

  constructor(pump: Token, driver: Driver, watches: Watches) {
    this.#pump = pump;
    this.#driver = driver;
    this.#watches = watches;
  }

  // ---- Batches that are told later ----

  get hasKept(): boolean {
    return this.#kept.length > 0;
  }

  /** Keeps a batch, which brings no bytes, until {@link tellKept}. Losses count from now on. */
  keep(records: Float64Array, count: number): void {
    if (count <= 0) return;
    this.#kept.push({ records, count });
    this.#watches.retainTags();
    this.#noteLosses(records, count);
  }

  /** Tells the batches kept so far; one that is kept meanwhile waits for the next call. */
  tellKept(): void {
    for (let left = this.#kept.length; left > 0; left--) {
      const { records, count } = this.#kept.shift()!;
      this.tell(records, count, null);
      this.#watches.releaseTags();
    }
  }

  // ---- Losses ----

  /** Bytes of a watch were lost: nothing is sent behind them, as the peer would see a gap. */
  lose(watch: Watch): void {
    watch.hasLostBytes = true;
    native.leave(this.#pump, watch.token);
  }

  /** Before anybody is told: a callback may write to a watch that has lost bytes and was not told of it yet. */
  #noteLosses(records: Float64Array, count: number): void {
    const { byTag } = this.#watches;
    for (let i = 0; i < count * RECORD_FIELDS; i += RECORD_FIELDS) {
      if (records[i + 1] !== RecordKind.SendFailed) continue;
      const watch = byTag[records[i]!];
      if (watch) this.lose(watch);
    }
  }

  // ---- Telling ----

  /**
   * Tells one batch.
   *
   * @param memory has its bytes; null: it brings none
   * @returns whether it told anything but that bytes were sent
   */
  tell(records: Float64Array, count: number, memory: ReadMemory | LentMemory | null): boolean {
    const end = count * RECORD_FIELDS;
    const { byTag } = this.#watches;
    this.#watches.beginBatch();
    this.#hasBroughtMore = false;
    memory?.begin(endOfBytes(records, count));
    this.#noteLosses(records, count);
    for (let next = 0; next < end; next += RECORD_FIELDS) {
      const watch = byTag[records[next]!];
      const kind = records[next + 1]! as RecordKind;
      const value = records[next + 2]!;
      if (!watch) {
        if (kind === RecordKind.Connection) native.close(value); // nobody takes it any more
      } else if (kind === RecordKind.Sent) {
        this.#tellOne(watch, kind, value, 0, null); // a connection calls nobody back for most of these
      } else {
        watch.context.run(this.#tellOne, watch, kind, value, records[next + 3]!, memory);
      }
    }
    this.#watches.endBatch();
    return this.#hasBroughtMore;
  }

  /** Tells one watch, in its context. */
  readonly #tellOne = (
    watch: Watch,
    kind: RecordKind,
    value: number,
    offset: number,
    memory: ReadMemory | LentMemory | null,
  ): void => {
    this.#hasBroughtMore ||= kind !== RecordKind.Sent;
    try {
      if (kind !== RecordKind.Bytes) {
        const ended = demandsEndedBy[kind];
        watch.applied &= ~ended;
        watch.wanted &= ~ended;
        watch.onRecord(kind, value);
        // After our end a pipe of Windows is looked at by timer, until its peer has been silent for long enough.
        if (kind === RecordKind.Ended) this.#driver.scheduleLook();
      } else if (memory) {
        watch.onBytes(chunkOf(watch, memory, offset, value));
      }
    } catch (error) {
      throwLater(error);
    }
  };
}

/** Bytes of the present batch, for a watch: its own, or lent, as it asked. */
function chunkOf(
  watch: Watch,
  memory: ReadMemory | LentMemory,
  offset: number,
  length: number,
): Buffer {
  const lends = watch.borrows && memory instanceof LentMemory;
  return lends ? memory.lend(offset, length) : memory.take(offset, length);
}

/** Where the bytes of a batch end, which are in the order of their records. */
function endOfBytes(records: Float64Array, count: number): number {
  for (let i = (count - 1) * RECORD_FIELDS; i >= 0; i -= RECORD_FIELDS) {
    if (records[i + 1] === RecordKind.Bytes) return records[i + 2]! + records[i + 3]!;
  }
  return 0;
}
