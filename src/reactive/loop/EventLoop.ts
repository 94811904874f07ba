import { constants } from 'node:os';
import { checkOptions } from '../../core/argument';
import { type Backend, chooseBackend } from '../../core/backend';
import { orThrow, SocketClosedError, type SocketError, socketError } from '../../core/errors';
import { type Failure, native, type Token } from '../../core/native';
import { hasNothingStaged, hasStaged, type Stager } from '../../core/staged';
import type { Chunk } from '../connection/Transport';
import { throwLater } from '../throwLater';
import { Driver, type LoopDriver } from './Driver';
import { Outgoing } from './Outgoing';
import { Readiness } from './Readiness';
import { LentMemory, ReadMemory } from './ReadMemory';
import {
  Demand,
  demandsEndedBy,
  MAX_RECORDS,
  RECORD_FIELDS,
  RecordKind,
  RECORDS_PER_SOCKET,
} from './records';
import type { Watch } from './Watch';

/** @see EventLoop */
export interface EventLoopOptions {
  /** By default that of the environment's `BIPOLL_BACKEND`, else the platform's best. */
  backend?: Backend;
  /** By default that of `BIPOLL_DRIVER`, else libuv where that can watch the backend. */
  driver?: LoopDriver;
}

/** From so many on a batch may have been too full for all that there was to tell. */
const MOST_RECORDS = MAX_RECORDS - RECORDS_PER_SOCKET;
/** Then the rest of the event loop has its turn. */
const BATCHES_PER_TURN = 8;

/**
 * Serves sockets in Node's event loop: a pump that is drained whenever it has something, and one call
 * into JavaScript for all of it. Each thread has one by default; another is made to choose its backend, or
 * how it is driven.
 *
 * @example
 * using loop = new EventLoop({ backend: 'poll' });
 * listen({ port: 7000 }, { loop }).subscribe(serve);
 */
export class EventLoop implements Stager {
  static #ofThread: EventLoop | null = null;

  /** That of this thread. */
  static get default(): EventLoop {
    return (EventLoop.#ofThread ??= new EventLoop());
  }

  /** The mechanism in use. */
  readonly backend: Backend;
  /** How it is driven. */
  readonly driver: LoopDriver;

  readonly #pump: Token;
  readonly #driver: Driver;
  #isClosed = false;
  #readiness: Readiness | null = null;
  readonly #watches: (Watch | undefined)[] = [];
  readonly #freeTags: number[] = [];
  readonly #records = new Float64Array(MAX_RECORDS * RECORD_FIELDS);
  readonly #owned = new ReadMemory();
  #lent: LentMemory | null = null;
  #borrowers = 0;
  readonly #outgoing: Outgoing;
  /** Whether something was sent, or ended, since the last flush. */
  #mustFlush = false;
  #isFlushScheduled = false;
  /** Of what was sent before the thread blocked. */
  readonly #untold: { records: Float64Array; count: number }[] = [];
  #isDispatching = false;
  #changes: Watch[] = [];
  #closedTags: number[] = [];

  constructor(options: EventLoopOptions = {}) {
    checkOptions('options', options);
    const wanted = (options.driver ?? (process.env['BIPOLL_DRIVER'] || null)) as LoopDriver | null;
    this.backend = chooseBackend(options.backend);
    const pump = orThrow(native.openPump(this.backend), this.backend);
    const driven = {
      open: (name: LoopDriver, onReady: () => void) => native.openPumpLoop(pump, name, onReady),
      nextLook: () => native.nextLook(pump),
      onTurn: () => {
        this.#turn();
      },
    };
    try {
      this.#driver = Driver.open(driven, this.backend, wanted);
    } catch (error) {
      native.closePump(pump);
      throw error;
    }
    this.#pump = pump;
    this.driver = this.#driver.name;
    this.#outgoing = new Outgoing(pump);
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** Stops serving: no Observable of its sockets says anything more. The sockets stay open. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#driver.close();
    native.closePump(this.#pump);
    hasNothingStaged(this);
    this.#readiness?.close();
    this.#watches.length = 0;
    if (EventLoop.#ofThread === this) EventLoop.#ofThread = null;
  }

  /** As `close()`, for `using loop = ...`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Keeps the process alive until as many calls of {@link release}. @internal */
  hold(): void {
    this.#driver.hold();
  }

  /** @internal */
  release(): void {
    this.#driver.release();
  }

  /** Where readiness alone is told. @internal */
  get readiness(): Readiness {
    this.#checkOpen();
    return (this.#readiness ??= new Readiness(this.backend, this.driver));
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new SocketClosedError('The event loop is closed');
  }

  // ---- What is wanted ----

  #add(watch: Watch): void {
    this.#checkOpen();
    watch.tag = this.#freeTags.pop() ?? this.#watches.length;
    this.#watches[watch.tag] = watch;
    if (watch.borrows) this.#borrowers++;
  }

  /** @internal */
  remove(watch: Watch): void {
    const { tag } = watch;
    if (tag < 0) return;
    watch.tag = -1;
    watch.wanted = Demand.Nothing;
    if (this.#isClosed) return;
    this.#watches[tag] = undefined;
    if (watch.borrows) this.#borrowers--;
    if (watch.applied !== Demand.Nothing) native.want(this.#pump, watch.token, 0, 0);
    watch.applied = Demand.Nothing;
    // Records that were not told yet may still name it.
    const isNamed = this.#isDispatching || this.#untold.length > 0;
    (isNamed ? this.#closedTags : this.#freeTags).push(tag);
  }

  /** @internal */
  changed(watch: Watch): void {
    if (watch.tag < 0) this.#add(watch);
    if (!this.#isDispatching) {
      this.#apply(watch);
      this.#driver.scheduleLook();
    } else if (!watch.isChanged) {
      watch.isChanged = true;
      this.#changes.push(watch);
    }
  }

  #apply(watch: Watch): void {
    if (watch.wanted === watch.applied || this.#isClosed) return;
    const result = native.want(this.#pump, watch.token, watch.wanted, watch.tag);
    if (result < 0) this.#fail(watch, this.#errorOf(result));
    else watch.applied = watch.wanted;
  }

  #fail(watch: Watch, error: SocketError): void {
    watch.wanted = watch.applied;
    watch.context.run(tellFailure, watch, error);
  }

  #errorOf(failure: Failure): SocketError {
    return socketError(failure, this.backend);
  }

  // ---- Sending ----

  /**
   * Sends a small chunk at the end of the batch, or of the present microtasks, together with all others of that time.
   *
   * @returns its length in bytes: records tell of these
   * @internal
   */
  stage(watch: Watch, chunk: Chunk): number {
    if (watch.tag < 0) this.#add(watch);
    if (!this.#outgoing.hasRoomFor(chunk)) this.#handOver();
    if (chunk.length === 0 || watch.hasLostBytes) return 0;
    const length = this.#outgoing.put(watch, chunk);
    this.#scheduleFlush();
    return length;
  }

  /**
   * Sends a large chunk now, as far as nothing waits before it.
   *
   * @returns how many of its bytes the system has taken: records tell of the rest
   * @internal
   */
  sendAtOnce(watch: Watch, bytes: Uint8Array): number {
    if (watch.tag < 0) this.#add(watch);
    this.#handOver(); // what it may have sent before goes first
    if (watch.hasLostBytes) return 0;
    const taken = native.send(this.#pump, watch.token, watch.tag, bytes);
    if (taken < 0) this.#failLater(watch, taken);
    else if (taken < bytes.length) this.#scheduleFlush();
    return Math.max(taken, 0);
  }

  /**
   * Ends the sending side of a socket behind what it was sent.
   *
   * @param answerTimeout see pump.h
   * @internal
   */
  end(watch: Watch, answerTimeout: number): void {
    if (watch.tag < 0) this.#add(watch);
    this.#handOver();
    if (watch.hasLostBytes) return;
    const failure = native.end(this.#pump, watch.token, watch.tag, answerTimeout);
    if (failure < 0) this.#failLater(watch, failure);
    else this.#scheduleFlush();
  }

  /**
   * Sends what the system takes of what a socket was sent, as it is about to be closed.
   *
   * @returns how many bytes are lost
   * @internal
   */
  sendLast(watch: Watch): number {
    if (watch.tag < 0 || this.#isClosed) return 0;
    this.#handOver();
    return native.leave(this.#pump, watch.token);
  }

  #handOver(): void {
    for (const tag of this.#outgoing.handOver()) {
      const watch = this.#watches[tag];
      if (watch) this.#failLater(watch, -constants.errno.ENOMEM);
    }
  }

  /** A failure to send comes as if by record, never out of the call that sends. What was sent before goes out. */
  #failLater(watch: Watch, failure: Failure): void {
    if (watch.hasLostBytes) return;
    this.#lose(watch);
    queueMicrotask(() => {
      if (watch.tag >= 0 && !this.#isClosed) watch.context.run(tellSendFailed, watch, failure);
    });
  }

  /** Sends nothing behind a loss. Others are told first, and may write to whoever has lost bytes and does not know yet. */
  #lose(watch: Watch): void {
    watch.hasLostBytes = true;
    native.leave(this.#pump, watch.token);
  }

  #noteLosses(records: Float64Array, count: number): void {
    for (let i = 0; i < count * RECORD_FIELDS; i += RECORD_FIELDS) {
      if (records[i + 1] !== RecordKind.SendFailed) continue;
      const watch = this.#watches[records[i]!];
      if (watch) this.#lose(watch);
    }
  }

  #scheduleFlush(): void {
    if (!this.#mustFlush) {
      this.#mustFlush = true;
      hasStaged(this);
    }
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#isDispatching || this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    void resolved.then(this.#onMicrotask);
  }

  readonly #onMicrotask = (): void => {
    this.#isFlushScheduled = false;
    this.#flush();
  };

  /** Sends what was staged, and tells those who sent it. */
  #flush(): void {
    if (this.#isClosed) return;
    this.#tellUntold();
    this.#sendAll();
    for (;;) {
      const count = native.flush(this.#pump, this.#records);
      this.#dispatch(this.#records, count, null);
      if (count < MOST_RECORDS) break;
    }
    this.#flushRestLater();
  }

  /** Sends what was staged now; those who sent it are told later. @internal */
  sendStaged(): void {
    if (!this.#mustFlush || this.#isClosed) return;
    this.#noneStaged();
    this.#handOver();
    for (;;) {
      const records = new Float64Array(this.#records.length);
      const count = native.flush(this.#pump, records);
      if (count > 0) this.#untold.push({ records, count });
      this.#noteLosses(records, count);
      if (count < MOST_RECORDS) break;
    }
    if (this.#untold.length > 0) this.#flushSoon();
  }

  #tellUntold(): void {
    for (let left = this.#untold.length; left > 0; left--) {
      const { records, count } = this.#untold[0]!;
      this.#dispatch(records, count, null);
      this.#untold.shift(); // only now: those behind it may name a tag that was closed meanwhile
    }
  }

  /** Sends what is staged, and tells those whose bytes the system takes at once. */
  #sendAll(): void {
    this.#noneStaged();
    if (!this.#outgoing.isInOrder) this.#handOver();
    const count = this.#outgoing.send(this.#records);
    if (count > 0) this.#dispatch(this.#records, count, null);
  }

  /** In a moment nothing is staged any more. */
  #noneStaged(): void {
    if (!this.#mustFlush) return;
    this.#mustFlush = false;
    hasNothingStaged(this);
  }

  /** How many bytes of a socket the system has not taken yet. @internal */
  queuedBytes(watch: Watch): number {
    return watch.tag < 0 ? 0 : native.queuedBytes(this.#pump, watch.token);
  }

  /** Who was told that its bytes are sent may have sent more. Others get their turn before that goes out. */
  #flushRestLater(): void {
    if (!this.#mustFlush && this.#untold.length === 0) return;
    if (this.#isDispatching || this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    setImmediate(this.#onMicrotask);
  }

  // ---- Turns ----

  #turn(): void {
    for (let batch = 0; batch < BATCHES_PER_TURN && !this.#isClosed; batch++) {
      if (!this.#drain()) break;
    }
    this.#flushRestLater();
  }

  /** @returns whether there may be more to do */
  #drain(): boolean {
    // If any watch borrows, read the whole batch into lendable memory: whose bytes will come is not known yet.
    const memory = this.#borrowers > 0 ? (this.#lent ??= new LentMemory()) : this.#owned;
    this.#tellUntold();
    this.#sendAll();
    const count = native.drain(this.#pump, this.#records, memory.memory, memory.start);
    if (count < 0) {
      this.#onDrainFailed(count);
      return false;
    }
    const hasBroughtMore = this.#dispatch(this.#records, count, memory);
    memory.renew();
    return hasBroughtMore || this.#mustFlush || count >= MOST_RECORDS;
  }

  /** The wait itself failed, for all. */
  #onDrainFailed(failure: Failure): void {
    const error = this.#errorOf(failure);
    if (this.#driver.triesAgainAfter(error)) return;
    for (const watch of [...this.#watches]) if (watch) this.#fail(watch, error);
  }

  /** @returns whether it brought anything but news of what was sent */
  #dispatch(records: Float64Array, count: number, memory: ReadMemory | LentMemory | null): boolean {
    const end = count * RECORD_FIELDS;
    const isNested = this.#isDispatching;
    this.#isDispatching = true;
    this.#hasBroughtMore = false;
    memory?.begin(endOfBytes(records, count));
    this.#noteLosses(records, count);
    for (let next = 0; next < end; next += RECORD_FIELDS) {
      const watch = this.#watches[records[next]!];
      const kind = records[next + 1]! as RecordKind;
      const value = records[next + 2]!;
      if (!watch) {
        if (kind === RecordKind.Connection) native.close(value); // nobody takes it any more
      } else if (kind === RecordKind.Sent) {
        this.#tell(watch, kind, value, 0, null); // a connection calls nobody back for most of these
      } else {
        watch.context.run(this.#tell, watch, kind, value, records[next + 3]!, memory);
      }
    }
    this.#isDispatching = isNested;
    if (!isNested) this.#settle();
    return this.#hasBroughtMore;
  }
  #hasBroughtMore = false;

  /** Tells one watch, in its context. */
  readonly #tell = (
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
        // After its end a pipe of Windows is looked at until its peer has been silent for long enough.
        if (kind === RecordKind.Ended) this.#driver.scheduleLook();
      } else if (memory) {
        watch.onBytes(chunkOf(watch, memory, offset, value));
      }
    } catch (error) {
      throwLater(error); // so that one watch's mistake does not cost the others their records
    }
  };

  /** After a batch: nothing names what was closed in it, and what is wanted now can be told. */
  #settle(): void {
    if (this.#closedTags.length > 0 && this.#untold.length === 0) {
      this.#freeTags.push(...this.#closedTags);
      this.#closedTags.length = 0;
    }
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    for (const watch of changes) {
      watch.isChanged = false;
      if (watch.tag >= 0) this.#apply(watch);
    }
  }
}

const resolved = Promise.resolve();

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

function tellFailure(watch: Watch, error: SocketError): void {
  try {
    watch.onFailure(error);
  } catch (mistake) {
    throwLater(mistake);
  }
}

function tellSendFailed(watch: Watch, failure: Failure): void {
  watch.onRecord(RecordKind.SendFailed, failure);
}
