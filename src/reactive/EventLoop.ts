import { checkOptions } from '../core/argument';
import { type Backend, chooseBackend } from '../core/backend';
import { orThrow, SocketClosedError } from '../core/errors';
import { native, type Token } from '../core/native';
import { DrivenPoller, type LoopDriver } from './DrivenPoller';
import { Readiness } from './Readiness';
import { LentMemory, ReadMemory } from './ReadMemory';
import { Demand, demandsEndedBy, RECORD_FIELDS, RecordKind } from './records';
import { Watch, type Watcher } from './Watch';

/** @see EventLoop */
export interface EventLoopOptions {
  /** By default that of the environment's `BIPOLL_BACKEND`, else the platform's best. */
  backend?: Backend;
  /** By default that of `BIPOLL_DRIVER`, else libuv where that can watch the backend. */
  driver?: LoopDriver;
}

const RECORDS_PER_BATCH = 512;
/** Then the rest of the event loop has its turn. */
const BATCHES_PER_TURN = 8;

/**
 * Serves sockets in Node's event loop: a poller that is drained whenever it has something, and one call
 * into JavaScript for all of it. Each thread has one by default; another is made to choose its backend, or
 * how it is driven.
 *
 * @example
 * using loop = new EventLoop({ backend: 'poll' });
 * listen({ port: 7000 }, { loop }).subscribe(serve);
 */
export class EventLoop {
  static #ofThread: EventLoop | null = null;

  /** That of this thread. */
  static get default(): EventLoop {
    return (EventLoop.#ofThread ??= new EventLoop());
  }

  /** The mechanism in use. */
  readonly backend: Backend;
  /** How it is driven. */
  readonly driver: LoopDriver;

  readonly #driven: DrivenPoller;
  #readiness: Readiness | null = null;
  readonly #watches: (Watch | undefined)[] = [];
  readonly #freeTags: number[] = [];
  readonly #records = new Float64Array(RECORDS_PER_BATCH * RECORD_FIELDS);
  readonly #owned = new ReadMemory();
  #lent: LentMemory | null = null;
  #borrowers = 0;
  #isDispatching = false;
  #changes: Watch[] = [];
  #closedTags: number[] = [];

  constructor(options: EventLoopOptions = {}) {
    checkOptions('options', options);
    const driver = (options.driver ?? (process.env['BIPOLL_DRIVER'] || null)) as LoopDriver | null;
    this.#driven = new DrivenPoller(chooseBackend(options.backend), driver, () => {
      this.#turn();
    });
    this.backend = this.#driven.poller.backend;
    this.driver = this.#driven.driver;
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#driven.poller.closed;
  }

  /** Stops serving: no Observable of its sockets says anything more. The sockets stay open. */
  close(): void {
    if (this.closed) return;
    this.#driven.close();
    this.#readiness?.close();
    this.#watches.length = 0;
    if (EventLoop.#ofThread === this) EventLoop.#ofThread = null;
  }

  /** As `close()`, for `using loop = ...`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Adds a socket, of which nothing is wanted yet. @internal */
  add(token: Token, watcher: Watcher, borrows = false): Watch {
    if (this.closed) throw new SocketClosedError('The event loop is closed');
    const tag = this.#freeTags.pop() ?? this.#watches.length;
    const watch = new Watch(this, tag, token, watcher, borrows);
    this.#watches[tag] = watch;
    if (borrows) this.#borrowers++;
    return watch;
  }

  /** @internal */
  remove(watch: Watch): void {
    if (this.#watches[watch.tag] !== watch) return;
    this.#watches[watch.tag] = undefined;
    if (watch.borrows) this.#borrowers--;
    if (watch.applied !== Demand.Nothing) native.want(this.#driven.poller.token, watch.token, 0, 0);
    watch.wanted = watch.applied = Demand.Nothing;
    // Records of the present batch may still name it.
    (this.#isDispatching ? this.#closedTags : this.#freeTags).push(watch.tag);
  }

  /** @internal */
  changed(watch: Watch): void {
    if (!this.#isDispatching) {
      this.#apply(watch);
      this.#driven.scheduleLook();
    } else if (!watch.isChanged) {
      watch.isChanged = true;
      this.#changes.push(watch);
    }
  }

  /** Keeps the process alive until as many calls of {@link release}. @internal */
  hold(): void {
    this.#driven.hold();
  }

  /** @internal */
  release(): void {
    this.#driven.release();
  }

  /** Where readiness alone is told. @internal */
  get readiness(): Readiness {
    if (this.closed) throw new SocketClosedError('The event loop is closed');
    return (this.#readiness ??= new Readiness(this.backend, this.driver));
  }

  #turn(): void {
    for (let batch = 0; batch < BATCHES_PER_TURN && !this.closed; batch++) {
      // Whoever borrows says so before there are bytes, so the batch goes where they can be lent.
      const memory = this.#borrowers > 0 ? (this.#lent ??= new LentMemory()) : this.#owned;
      const { start } = memory;
      const count = orThrow(
        native.drain(this.#driven.poller.token, this.#records, memory.memory, start),
        this.backend,
      );
      this.#dispatch(count, memory);
      memory.renew();
      if (count === 0) break;
    }
  }

  #dispatch(count: number, memory: ReadMemory | LentMemory): void {
    const records = this.#records;
    memory.begin(endOfBytes(records, count));
    this.#isDispatching = true;
    for (let i = 0; i < count * RECORD_FIELDS; i += RECORD_FIELDS) {
      const watch = this.#watches[records[i]!];
      const kind = records[i + 1]! as RecordKind;
      const value = records[i + 2]!;
      try {
        if (watch) this.#tell(watch, kind, value, records[i + 3]!, memory);
        else if (kind === RecordKind.Connection) native.close(value); // nobody takes it any more
      } catch (error) {
        throwLater(error); // so that one watcher's mistake does not cost the others their records
      }
    }
    this.#isDispatching = false;
    this.#settle();
  }

  #tell(
    watch: Watch,
    kind: RecordKind,
    value: number,
    offset: number,
    memory: ReadMemory | LentMemory,
  ): void {
    if (kind === RecordKind.Bytes) {
      const lends = watch.borrows && memory instanceof LentMemory;
      watch.watcher.onBytes(lends ? memory.lend(offset, value) : memory.take(offset, value));
      return;
    }
    const ended = demandsEndedBy[kind];
    watch.applied &= ~ended;
    watch.wanted &= ~ended;
    watch.watcher.onRecord(kind, value);
  }

  /** After a batch: nothing names what was closed in it, and what is wanted now can be told. */
  #settle(): void {
    if (this.#closedTags.length > 0) {
      this.#freeTags.push(...this.#closedTags);
      this.#closedTags.length = 0;
    }
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    for (const watch of changes) {
      watch.isChanged = false;
      if (this.#watches[watch.tag] !== watch) continue;
      try {
        this.#apply(watch);
      } catch (error) {
        throwLater(error);
      }
    }
  }

  #apply(watch: Watch): void {
    if (watch.wanted === watch.applied || this.closed) return;
    const result = native.want(this.#driven.poller.token, watch.token, watch.wanted, watch.tag);
    orThrow(result, this.backend);
    watch.applied = watch.wanted;
  }
}

/** Where the bytes of a batch end, which are in the order of their records. */
function endOfBytes(records: Float64Array, count: number): number {
  for (let i = (count - 1) * RECORD_FIELDS; i >= 0; i -= RECORD_FIELDS) {
    if (records[i + 1] === RecordKind.Bytes) return records[i + 2]! + records[i + 3]!;
  }
  return 0;
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
