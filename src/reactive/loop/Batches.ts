import { closeEach } from '../../core/AttachedDescriptors';
import { socketOfKind } from '../../core/kinds';
import { type Failure, native, type Token } from '../../core/native';
import type { Socket } from '../../core/Socket';
import type { Driver } from './Driver';
import { LentMemory, type ReadMemory } from './ReadMemory';
import { demandsEndedBy, MAX_RECORDS, RECORD_FIELDS, RecordKind } from './records';
import { throwLater } from '../throwLater';
import type { Watch } from './Watch';
import type { Watches } from './Watches';

/**
 * Reports the records of a batch to the watches, each in its own context. A batch that arrives while no callback may
 * run is kept and reported later.
 */
export class Batches {
  readonly #pump: Token;
  readonly #driver: Driver;
  readonly #watches: Watches;
  /** Where the engine writes the next batch. */
  readonly records = new Float64Array(MAX_RECORDS * RECORD_FIELDS);
  readonly #kept: { records: Float64Array; count: number }[] = [];
  /** The descriptors whose bytes the next record brings. */
  #descriptors: Socket[] = [];
  /** Why one of them could not be received, or 0. */
  #descriptorFailure: Failure = 0;
  /** Whether the present batch reported anything besides sent bytes. */
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

  /** Keeps a batch without received bytes until {@link tellKept}. Its losses take effect now. */
  keep(records: Float64Array, count: number): void {
    if (count <= 0) return;
    this.#kept.push({ records, count });
    this.#watches.retainTags();
    this.#noteLosses(records, count);
  }

  /** Reports the batches kept so far; one that is kept meanwhile waits for the next call. */
  tellKept(): void {
    for (let left = this.#kept.length; left > 0; left--) {
      const { records, count } = this.#kept.shift()!;
      this.tell(records, count, null);
      this.#watches.releaseTags();
    }
  }

  // ---- Losses ----

  /** Bytes of a watch were lost: nothing may be sent after them, or the peer would see a gap. */
  lose(watch: Watch): void {
    watch.hasLostBytes = true;
    native.leave(this.#pump, watch.token);
  }

  /** Must run before any callback, which may write to a watch that has lost bytes and has not been told yet. */
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
   * Reports one batch.
   *
   * @param memory holds its received bytes; null: it has none
   * @returns whether it reported anything besides sent bytes
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
        const isSocket = kind === RecordKind.Connection || kind === RecordKind.Descriptor;
        if (isSocket) native.close(value); // nobody takes it any more
      } else if (kind === RecordKind.Descriptor) {
        this.#collect(value, records[next + 3]!);
      } else if (kind === RecordKind.Sent) {
        this.#tellOne(watch, kind, value, 0, null); // most of these lead to no callback, so entering the context can be saved
      } else {
        watch.context.run(this.#tellOne, watch, kind, value, records[next + 3]!, memory);
      }
    }
    this.#watches.endBatch();
    return this.#hasBroughtMore;
  }

  /** Reports one record to its watch, in the watch's context. */
  readonly #tellOne = (
    watch: Watch,
    kind: RecordKind,
    value: number,
    offset: number,
    memory: ReadMemory | LentMemory | null,
  ): void => {
    this.#hasBroughtMore ||= kind !== RecordKind.Sent;
    try {
      if (kind === RecordKind.Bytes) {
        if (memory) this.#tellBytes(watch, chunkOf(watch, memory, offset, value));
      } else if (kind !== RecordKind.Descriptor) {
        const ended = demandsEndedBy[kind];
        watch.applied &= ~ended;
        watch.wanted &= ~ended;
        watch.onRecord(kind, value);
        // After our end a Windows pipe is checked by timer until its peer has been silent for long enough.
        if (kind === RecordKind.Ended) this.#driver.scheduleLook();
      }
    } catch (error) {
      throwLater(error);
    }
  };

  // ---- Descriptors: a record for each, right before that of the bytes that they came with ----

  #collect(token: Token, kind: number): void {
    if (token >= 0) this.#descriptors.push(socketOfKind(kind, token));
    else this.#descriptorFailure = token;
  }

  #tellBytes(watch: Watch, bytes: Buffer): void {
    const descriptors = this.#descriptors;
    const failure = this.#descriptorFailure;
    if (descriptors.length > 0) this.#descriptors = [];
    if (failure === 0) {
      watch.onBytes(bytes, descriptors);
      return;
    }
    this.#descriptorFailure = 0;
    closeEach(descriptors);
    watch.onRecord(RecordKind.End, failure); // a message that has lost descriptors is of no use
  }
}

/** Bytes of the present batch for a watch: given away or lent, as it asked for. */
function chunkOf(
  watch: Watch,
  memory: ReadMemory | LentMemory,
  offset: number,
  length: number,
): Buffer {
  const lends = watch.borrows && memory instanceof LentMemory;
  return lends ? memory.lend(offset, length) : memory.take(offset, length);
}

/** The offset at which the bytes of a batch end. They are in the order of their records. */
function endOfBytes(records: Float64Array, count: number): number {
  for (let i = (count - 1) * RECORD_FIELDS; i >= 0; i -= RECORD_FIELDS) {
    if (records[i + 1] === RecordKind.Bytes) return records[i + 2]! + records[i + 3]!;
  }
  return 0;
}
