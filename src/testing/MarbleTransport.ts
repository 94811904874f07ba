import { type Observable, ReplaySubject } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { errorOfCode } from '../core/errors';
import { closeEach } from '../core/AttachedDescriptors';
import type { Socket } from '../core/Socket';
import type { StreamSocket } from '../core/StreamSocket';
import { Unread } from '../core/Unread';
import { type Ends, NO_ENDS } from '../reactive/connection/Ends';
import type { Chunk, Transport, TransportEvents } from '../reactive/connection/Transport';
import { Demand } from '../reactive/loop/records';
import { copyChunk } from './copyChunk';
import { ReadingLog, type Stretch } from './ReadingLog';
import { closedEnds } from './virtualEnds';

/** Bytes on their way, and the descriptors that go with them. */
interface Parcel {
  readonly bytes: Buffer;
  readonly descriptors: readonly Socket[];
}

/**
 * Stands in for a socket: a peer that follows diagrams. The connection over it is the one that runs in production. The
 * diagrams drive the peer through the methods of the first part.
 */
export class MarbleTransport implements Transport {
  /** What the peer took, each chunk as it was sent. */
  readonly sent$: Observable<Buffer>;
  /** Those that were sent with these. */
  readonly sentDescriptors: Socket[] = [];
  readonly reads: Stretch[];
  readonly unread = new Unread();
  queuedBytes = 0;

  readonly #scheduler: TestScheduler;
  readonly #ends: Ends;
  readonly #log: ReadingLog;
  readonly #sent = new ReplaySubject<Buffer>();
  #events!: TransportEvents;
  #isClosed = false;

  /** What has arrived and was not read. */
  #arrived: Parcel[] = [];
  #demand: number = Demand.Nothing;
  #hasPeerLeft = false;
  /** The error of a peer that has left without an end. */
  #reset: Error | null = null;

  /** What the peer has not taken yet. */
  #outbox: Parcel[] = [];
  #hasRoom = true;
  #isEnding = false;
  #isEnded = false;
  /** Whether to close by a reset. */
  #resets = false;

  /** @param lends whether chunks are only lent, and empty afterwards */
  constructor(
    scheduler: TestScheduler,
    readonly lends: boolean,
    ends = NO_ENDS,
  ) {
    this.#ends = ends;
    this.#scheduler = scheduler;
    this.#log = new ReadingLog(scheduler);
    this.reads = this.#log.stretches;
    this.sent$ = this.#sent.asObservable();
  }

  // ---- What the diagrams say ----

  arrive(bytes: Buffer, descriptors: readonly Socket[] = []): void {
    this.#arrived.push({ bytes, descriptors });
    this.#deliver();
  }

  endPeer(): void {
    this.#hasPeerLeft = true;
    this.#deliver();
  }

  resetPeer(error: Error): void {
    this.#flush(); // sends of the same moment come first
    this.#reset = error;
    this.#hasPeerLeft = true;
    if (this.#outbox.length > 0) this.#flush();
    this.#deliver();
  }

  setRoom(hasRoom: boolean): void {
    this.#hasRoom = hasRoom;
    this.#flush();
  }

  // ---- Reading ----

  start(events: TransportEvents): void {
    this.#events = events;
  }

  get socket(): StreamSocket {
    throw new Error('A virtual connection has no socket: the blocking verbs need a real one');
  }

  get ends(): Ends {
    return this.#isClosed ? closedEnds(this.#ends) : this.#ends;
  }

  unreadChanged(): void {
    // There is no one else to tell.
  }

  get dataAvailable(): boolean {
    return this.#arrived.length > 0 || this.unread.length > 0;
  }

  /** Waiting bytes arrive after everything else of this moment, as from an event loop. */
  want(demand: number): void {
    this.#log.set((demand & Demand.Bytes) !== 0);
    this.#demand = demand;
    if (this.#arrived.length === 0 && !this.#hasPeerLeft) return;
    this.#scheduler.schedule(() => {
      this.#deliver();
    });
  }

  #deliver(): void {
    while (this.#wants(Demand.Bytes) && this.#arrived.length > 0) {
      this.#hand(this.#arrived.shift()!);
    }
    if (!this.#hasPeerLeft || !this.#wants(Demand.Bytes | Demand.PeerEnd)) return;
    this.#demand = Demand.Nothing;
    if (this.#arrived.length === 0) this.#events.onEnd(this.#reset);
    else this.#events.onPeerLeft();
  }

  #wants(demand: number): boolean {
    return !this.#isClosed && (this.#demand & demand) !== 0;
  }

  #hand({ bytes, descriptors }: Parcel): void {
    if (!this.lends) {
      this.#events.onBytes(bytes, descriptors);
      return;
    }
    const memory = new Uint8Array(bytes).buffer;
    this.#events.onBytes(Buffer.from(memory), descriptors);
    structuredClone(memory, { transfer: [memory] });
  }

  // ---- Writing ----

  /** As of a local connection, unless its ends are those of TCP. */
  get passesDescriptors(): boolean {
    return this.#ends.remoteAddress === undefined;
  }

  send(chunk: Chunk, descriptors: readonly Socket[] = []): number {
    const bytes = copyChunk('bytes', chunk);
    if (bytes.length === 0) return 0;
    this.#outbox.push({ bytes, descriptors });
    this.queuedBytes += bytes.length;
    this.#flushLater();
    return 0;
  }

  end(): void {
    this.#isEnding = true;
    this.#flushLater();
  }

  #flushLater(): void {
    this.#scheduler.schedule(() => {
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#isClosed) return;
    if (this.#reset && this.#outbox.length > 0) {
      this.#outbox = [];
      this.queuedBytes = 0;
      this.#events.onSendFailed(this.#reset);
      return;
    }
    const sent = this.#handOver();
    if (sent > 0) this.#events.onSent(sent);
    if (!this.#isEnding || this.#isEnded || this.#outbox.length > 0) return;
    this.#isEnded = true;
    this.#sent.complete();
    this.#events.onEnded(this.#reset === null);
  }

  /** @returns how many bytes the peer took */
  #handOver(): number {
    if (!this.#hasRoom || this.#reset) return 0;
    const outbox = this.#outbox;
    this.#outbox = [];
    for (const { bytes, descriptors } of outbox) {
      this.sentDescriptors.push(...descriptors);
      this.#sent.next(bytes);
    }
    const taken = this.queuedBytes;
    this.queuedBytes = 0;
    return taken;
  }

  // ---- Its life ----

  close(error: Error | null): number {
    this.#isClosed = true;
    this.#handOver();
    this.#log.set(false);
    this.unread.discard();
    for (const { descriptors } of this.#arrived) closeEach(descriptors);
    this.#arrived = [];
    const cause = error ?? (this.#resets ? errorOfCode('ECONNRESET', 'read') : null);
    if (cause) this.#sent.error(cause);
    else this.#sent.complete();
    const lost = this.queuedBytes;
    this.queuedBytes = 0;
    return lost;
  }

  resetOnClose(): void {
    this.#resets = true;
  }

  keepAlive(): void {
    // Virtual time keeps no process alive.
  }

  reference(): void {
    // Likewise.
  }
}
