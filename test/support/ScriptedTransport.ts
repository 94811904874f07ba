import type { StreamSocket } from 'bipoll';
import { Unread } from '../../src/core/Unread';
import { NO_ENDS } from '../../src/reactive/connection/Ends';
import type { Chunk, Transport, TransportEvents } from '../../src/reactive/connection/Transport';
import { Demand } from '../../src/reactive/loop/records';

/**
 * Carries a connection in tests: it does nothing by itself, and lists what the connection asks of it. A call after
 * `close()` is listed as a fault.
 */
export class ScriptedTransport implements Transport {
  /** `send TEXT`, `end` and `close`, in their order. */
  readonly calls: string[] = [];
  readonly faults: string[] = [];
  readonly lends = false;
  readonly passesDescriptors = true;
  readonly unread = new Unread();
  queuedBytes = 0;
  demand: number = Demand.Nothing;
  isKeptAlive = false;
  isClosed = false;
  events!: TransportEvents;

  start(events: TransportEvents): void {
    this.events = events;
  }

  /** Takes so many bytes of what is queued, or all, and tells of it. */
  take(most = Infinity): void {
    const taken = Math.min(most, this.queuedBytes);
    if (taken === 0) return;
    this.queuedBytes -= taken;
    this.events.onSent(taken);
  }

  /** Loses what is queued, and tells of it. */
  fail(error: Error): void {
    this.queuedBytes = 0;
    this.events.onSendFailed(error);
  }

  readonly ends = NO_ENDS;

  resetOnClose(): void {
    this.#check('resetOnClose');
    this.calls.push('reset');
  }

  get socket(): StreamSocket {
    throw new Error('A scripted transport has no socket');
  }

  get dataAvailable(): boolean {
    return this.unread.length > 0;
  }

  unreadChanged(): void {
    this.#check('unreadChanged');
  }

  want(demand: number): void {
    this.#check('want');
    this.demand = demand;
  }

  keepAlive(isWanted: boolean): void {
    this.#check('keepAlive');
    this.isKeptAlive = isWanted;
  }

  reference(): void {
    // No process depends on it.
  }

  send(chunk: Chunk): number {
    this.#check('send');
    const bytes = Buffer.from(chunk as string);
    this.queuedBytes += bytes.length;
    this.calls.push(`send ${bytes.toString()}`);
    return 0;
  }

  end(): void {
    this.#check('end');
    this.calls.push('end');
  }

  close(): number {
    this.#check('close');
    this.calls.push('close');
    this.isClosed = true;
    const lost = this.queuedBytes;
    this.queuedBytes = 0;
    return lost;
  }

  #check(call: string): void {
    if (this.isClosed) this.faults.push(`${call} after close`);
  }
}
