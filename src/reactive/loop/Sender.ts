import { constants } from 'node:os';
import { type Failure, native, type Token } from '../../core/native';
import { hasNothingStaged, hasStaged, type Stager } from '../../core/staged';
import type { Chunk } from '../connection/Transport';
import type { Batches } from './Batches';
import { Outgoing } from './Outgoing';
import { MOST_RECORDS, RecordKind } from './records';
import type { Watch } from './Watch';
import type { Watches } from './Watches';

/**
 * Sends what the sockets of an event loop write: small chunks together, at the end of the batch or of the present
 * microtasks; large ones at once. Progress and failures are reported as records: sending throws only once the loop is
 * closed.
 */
export class Sender implements Stager {
  readonly #pump: Token;
  readonly #watches: Watches;
  readonly #batches: Batches;
  readonly #outgoing: Outgoing;
  /** Whether something was sent, or ended, since the last flush. */
  #mustFlush = false;
  #isFlushScheduled = false;

  constructor(pump: Token, watches: Watches, batches: Batches) {
    this.#pump = pump;
    this.#watches = watches;
    this.#batches = batches;
    this.#outgoing = new Outgoing(pump);
  }

  close(): void {
    hasNothingStaged(this);
  }

  // ---- What a socket sends ----

  /**
   * Sends a small chunk at the end of the batch, or of the present microtasks, together with all others of that time.
   *
   * @returns its length in bytes, which records will report on
   */
  stage(watch: Watch, chunk: Chunk): number {
    this.#watches.enter(watch);
    if (!this.#outgoing.hasRoomFor(chunk)) this.#handOver();
    if (chunk.length === 0 || watch.hasLostBytes) return 0;
    const length = this.#outgoing.put(watch, chunk);
    this.#scheduleFlush();
    return length;
  }

  /**
   * Sends a large chunk, or one with descriptors, now, unless earlier bytes of the socket are still queued: then it
   * queues behind them.
   *
   * @param descriptors the sockets whose descriptors go with its first byte
   * @returns how many of its bytes the system has taken; records will report on the rest
   */
  sendAtOnce(watch: Watch, bytes: Uint8Array, descriptors: readonly Token[]): number {
    this.#watches.enter(watch);
    this.#handOver(); // what the socket staged before goes first
    if (watch.hasLostBytes) return 0;
    const { token, tag } = watch;
    const taken =
      descriptors.length === 0
        ? native.send(this.#pump, token, tag, bytes)
        : native.sendWithDescriptors(this.#pump, token, tag, bytes, descriptors);
    if (taken < 0) this.#failLater(watch, taken);
    else if (taken < bytes.length) this.#scheduleFlush();
    return Math.max(taken, 0);
  }

  /**
   * Ends the sending side of a socket after what it was given to send.
   *
   * @param answerTimeout see pump.h
   */
  end(watch: Watch, answerTimeout: number): void {
    this.#watches.enter(watch);
    this.#handOver();
    if (watch.hasLostBytes) return;
    const failure = native.end(this.#pump, watch.token, watch.tag, answerTimeout);
    if (failure < 0) this.#failLater(watch, failure);
    else this.#scheduleFlush();
  }

  /**
   * The socket is about to be closed: sends as much of its queue as the system takes now.
   *
   * @returns how many bytes are lost
   */
  sendLast(watch: Watch): number {
    if (watch.tag < 0 || this.#watches.closed) return 0;
    this.#handOver();
    return native.leave(this.#pump, watch.token);
  }

  /** How many bytes of a socket the system has not taken yet. */
  queuedBytes(watch: Watch): number {
    return watch.tag < 0 ? 0 : native.queuedBytes(this.#pump, watch.token);
  }

  /** Moves what is staged to the engine's outboxes. */
  #handOver(): void {
    for (const tag of this.#outgoing.handOver()) {
      const watch = this.#watches.byTag[tag];
      if (watch) this.#failLater(watch, -constants.errno.ENOMEM);
    }
  }

  /**
   * Reports a failure as a record would, after the sending call has returned. What was staged before still goes out.
   */
  #failLater(watch: Watch, failure: Failure): void {
    if (watch.hasLostBytes) return;
    this.#batches.lose(watch);
    queueMicrotask(() => {
      if (watch.tag >= 0 && !this.#watches.closed) {
        watch.context.run(tellSendFailed, watch, failure);
      }
    });
  }

  // ---- When it goes out ----

  /** Whether something waits for the next flush. */
  get mustFlush(): boolean {
    return this.#mustFlush;
  }

  #scheduleFlush(): void {
    if (!this.#mustFlush) {
      this.#mustFlush = true;
      hasStaged(this);
    }
    this.#flushSoon();
  }

  /** Within a batch this is not needed: the loop sends what is staged before it drains again. */
  #flushSoon(): void {
    if (this.#watches.isInBatch || this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    void resolved.then(this.#onFlushDue);
  }

  /** A callback that was told of sent bytes may have sent more. Other events get a turn before that goes out. */
  flushRestLater(): void {
    if (!this.#mustFlush && !this.#batches.hasKept) return;
    if (this.#watches.isInBatch || this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    setImmediate(this.#onFlushDue);
  }

  readonly #onFlushDue = (): void => {
    this.#isFlushScheduled = false;
    this.#flush();
  };

  /** Sends what is staged and what is in the outboxes, and reports to the senders. */
  #flush(): void {
    if (this.#watches.closed) return;
    this.sendAll();
    const { records } = this.#batches;
    for (;;) {
      const count = native.flush(this.#pump, records);
      this.#batches.tell(records, count, null);
      if (count < MOST_RECORDS) break;
    }
    this.flushRestLater();
  }

  /** Sends what is staged, and reports what the system takes at once. */
  sendAll(): void {
    this.#batches.tellKept();
    this.#noneStaged();
    if (!this.#outgoing.isInOrder) this.#handOver();
    const { records } = this.#batches;
    const count = this.#outgoing.send(records);
    if (count > 0) this.#batches.tell(records, count, null);
  }

  /** Sends what is staged before the thread blocks; the senders are told later. */
  sendStaged(): void {
    if (!this.#mustFlush || this.#watches.closed) return;
    this.#noneStaged();
    this.#handOver();
    for (;;) {
      const records = new Float64Array(this.#batches.records.length);
      const count = native.flush(this.#pump, records);
      this.#batches.keep(records, count);
      if (count < MOST_RECORDS) break;
    }
    if (this.#batches.hasKept) this.#flushSoon();
  }

  /** Call when everything staged is about to be sent. */
  #noneStaged(): void {
    if (!this.#mustFlush) return;
    this.#mustFlush = false;
    hasNothingStaged(this);
  }
}

const resolved = Promise.resolve();

function tellSendFailed(watch: Watch, failure: Failure): void {
  watch.onRecord(RecordKind.SendFailed, failure);
}
