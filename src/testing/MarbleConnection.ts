import {
  AsyncSubject,
  Observable,
  type ObservableInput,
  type Observer,
  ReplaySubject,
  Subject,
} from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { invalidType } from '../core/argument';
import { SocketBusyError, SocketClosedError } from '../core/errors';
import type { StreamSocket } from '../core/StreamSocket';
import { QueueFullError } from '../reactive/QueueFullError';
import { DataObservable, type Reading } from '../reactive/Reading';
import { type Chunk, type Outgoing, send } from '../reactive/send';
import { copyChunk } from './copyChunk';
import { ReadingLog, type Stretch } from './ReadingLog';
import type { VirtualConnection } from './virtualConnection';

/** The options of a virtual connection that its life depends on, checked. */
export interface MarbleSettings {
  readonly highWaterMark: number;
  readonly maxQueueBytes: number;
  readonly allowHalfOpen: boolean;
  /** What `#` stands for, unless said otherwise. */
  readonly error: Error;
}

/** What `SocketConnection` is over a socket, over diagrams: whatever is not said here is as it is there. */
export class MarbleConnection implements VirtualConnection, Reading, Outgoing {
  readonly lends = false;
  readonly data$: Observable<Buffer> = new DataObservable(this, (subscriber) =>
    this.#read(subscriber),
  );
  readonly closed$: Observable<Error | null>;
  readonly writable$: Observable<void>;
  readonly sent$: Observable<Buffer>;
  readonly reads: Stretch[];

  readonly #scheduler: TestScheduler;
  readonly #settings: MarbleSettings;
  readonly #reading: ReadingLog;
  readonly #closed = new AsyncSubject<Error | null>();
  readonly #writable = new Subject<void>();
  readonly #sent = new ReplaySubject<Buffer>();
  #drained = new Subject<void>();

  /** What has arrived and was not read. */
  #unread: Buffer[] = [];
  #reader: Observer<Buffer> | null = null;
  #holds = 0;
  /** What the peer did not take yet. */
  #queue: Buffer[] = [];
  #hasRoom = true;
  #mustDrain = false;
  #users = 0;

  /** Of the peer, which has left without an end. */
  #reset: Error | null = null;
  #writeError: Error | null = null;
  /** Undefined while it is open. */
  #reason: Error | null | undefined = undefined;
  /** Whether the end has arrived; bytes may be unread. */
  #isPeerGone = false;
  #peerEnded = false;
  #isEnding = false;
  #isShutDown = false;
  #isAccepted = false;
  #isAbandoned = false;
  #hasLost = false;
  #keepsHalfOpen: boolean;

  constructor(scheduler: TestScheduler, settings: MarbleSettings) {
    this.#scheduler = scheduler;
    this.#settings = settings;
    this.#keepsHalfOpen = settings.allowHalfOpen;
    this.#reading = new ReadingLog(scheduler);
    this.reads = this.#reading.stretches;
    this.sent$ = this.#sent.asObservable();
    this.closed$ = this.#used(this.#closed);
    this.writable$ = this.#used(this.#writable);
  }

  get socket(): StreamSocket {
    throw new Error('A virtual connection has no socket: the blocking verbs need a real one');
  }

  expectSent(
    marbles: string,
    values: Readonly<Record<string, Chunk>> = {},
    error = this.#settings.error,
  ): void {
    const named = Array.from(marbles, (mark): [string, Buffer] => [
      mark,
      copyChunk(`values.${mark}`, values[mark] ?? mark),
    ]);
    this.#scheduler.expectObservable(this.sent$).toBe(marbles, Object.fromEntries(named), error);
  }

  // ---- What the diagrams say ----

  onBytes(bytes: Buffer): void {
    if (this.#reason !== undefined) return;
    this.#unread.push(bytes);
    this.#deliver();
  }

  onPeerEnd(): void {
    if (this.#reason !== undefined) return;
    this.#isPeerGone = true;
    this.#deliver();
  }

  onReset(error: Error): void {
    if (this.#reason !== undefined) return;
    this.#reset = error;
    this.#isPeerGone = true;
    if (this.queuedBytes > 0) this.#onWriteFailed(error);
    this.#deliver();
  }

  onRoom(hasRoom: boolean): void {
    this.#hasRoom = hasRoom;
    if (!hasRoom || this.#queue.length === 0) return;
    const queue = this.#queue;
    this.#queue = [];
    for (const bytes of queue) this.#sent.next(bytes);
    this.#onDrained();
  }

  /** From now on its listener minds when the peer leaves. */
  accept(): void {
    this.#isAccepted = true;
    this.#update();
  }

  /** Its listener is gone: it closes once nobody is subscribed and what was queued is sent. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#closeIfAbandoned();
  }

  // ---- Reading ----

  #read(subscriber: Observer<Buffer>): (() => void) | undefined {
    if (this.#reason !== undefined) {
      if (this.#reason) subscriber.error(this.#reason);
      else subscriber.complete();
      return undefined;
    }
    if (this.#reader) {
      subscriber.error(new SocketBusyError('data$ has a subscriber already'));
      return undefined;
    }
    this.#reader = subscriber;
    this.#enter();
    return () => {
      if (this.#reader === subscriber) this.#reader = null;
      this.#leave();
    };
  }

  keepHalfOpen(): void {
    this.#keepsHalfOpen = true;
  }

  hold(): void {
    this.#holds++;
    this.#update();
  }

  release(): void {
    this.#holds--;
    this.#update();
  }

  giveBack(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#reason !== undefined) return;
    this.#unread.unshift(Buffer.from(bytes));
  }

  #deliver(): void {
    if (this.#reason !== undefined) return;
    while (this.#reader && this.#holds === 0) {
      const bytes = this.#unread.shift();
      if (!bytes) break;
      this.#reader.next(bytes);
    }
    // Without anybody, nobody would look.
    const isMinded = this.#users > 0 || this.#isShutDown || this.#isAccepted;
    if (this.#isPeerGone && this.#unread.length === 0 && isMinded) this.#onEnd();
  }

  #onEnd(): void {
    if (this.#peerEnded) {
      this.#reader?.complete();
      return;
    }
    this.#peerEnded = true;
    const error = this.#writeError ?? this.#reset;
    if (error) {
      this.#finish(error);
      return;
    }
    this.#reader?.complete();
    if (!this.#keepsHalfOpen) this.end();
    if (this.#isShutDown) this.#finish(null);
  }

  /** Brings reading in line with what is wanted. What waits comes behind that, as from an event loop. */
  #update(): void {
    this.#reading.set(this.#reader !== null && this.#holds === 0);
    if (this.#unread.length === 0 && !this.#isPeerGone) return;
    this.#scheduler.schedule(() => {
      this.#deliver();
    });
  }

  // ---- Writing ----

  get queuedBytes(): number {
    return this.#queue.reduce((sum, { length }) => sum + length, 0);
  }

  write(chunk: Chunk): boolean {
    const bytes = copyChunk('bytes', chunk);
    if (this.#reason !== undefined || this.#isEnding) {
      throw new SocketClosedError(`The connection ${this.#isEnding ? 'was ended' : 'is closed'}`);
    }
    if (this.#reset && !this.#writeError) this.#onWriteFailed(this.#reset);
    if (this.#writeError) return false;
    const { highWaterMark, maxQueueBytes } = this.#settings;
    if (this.#hasRoom && this.#queue.length === 0) this.#sent.next(bytes);
    else if (this.queuedBytes < maxQueueBytes) this.#queue.push(bytes);
    else throw new QueueFullError(maxQueueBytes);
    if (this.queuedBytes < highWaterMark) return true;
    this.#mustDrain = true;
    return false;
  }

  get drained$(): Observable<void> {
    return new Observable((subscriber) => {
      const failure =
        this.#reason ?? this.#writeError ?? (this.#hasLost ? closedWhileSending() : null);
      if (failure) {
        subscriber.error(failure);
      } else if (this.#queue.length === 0) {
        subscriber.next();
        subscriber.complete();
      } else {
        subscriber.add(this.#drained.subscribe(subscriber));
      }
    });
  }

  send(source: ObservableInput<Chunk>): Observable<number> {
    return this.#used(send(this, source));
  }

  #onDrained(): void {
    const drained = this.#drained;
    this.#drained = new Subject();
    drained.next();
    drained.complete();
    if (this.#mustDrain) {
      this.#mustDrain = false;
      this.#writable.next();
    }
    // Those may have written more.
    if (this.#reason !== undefined || this.#queue.length > 0) return;
    if (this.#isEnding) this.#shutDown();
    this.#closeIfAbandoned();
  }

  #onWriteFailed(error: Error): void {
    this.#writeError = error;
    this.#queue = [];
    if (this.#reader && !this.#peerEnded) this.#drained.error(error);
    else this.#finish(error);
  }

  end(): void {
    if (this.#isEnding || this.#reason !== undefined) return;
    this.#isEnding = true;
    if (this.#queue.length === 0) this.#shutDown();
  }

  #shutDown(): void {
    if (this.#isShutDown || this.#reason !== undefined) return;
    this.#isShutDown = true;
    this.#sent.complete();
    if (this.#peerEnded) this.#finish(null);
    else this.#update();
  }

  // ---- Its life ----

  close(error?: Error): void {
    if (error !== undefined && !(error instanceof Error)) {
      throw invalidType('error', 'an Error', error);
    }
    this.#finish(error ?? null);
  }

  #used<T>(source: Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      this.#enter();
      subscriber.add(source.subscribe(subscriber));
      return () => {
        this.#leave();
      };
    });
  }

  #enter(): void {
    this.#users++;
    this.#update();
  }

  #leave(): void {
    this.#users--;
    this.#update();
    this.#closeIfAbandoned();
  }

  #closeIfAbandoned(): void {
    if (this.#isAbandoned && this.#users === 0 && this.#queue.length === 0) this.#finish(null);
  }

  /** The one way to the end. Whoever hears of it finds it closed. */
  #finish(error: Error | null): void {
    if (this.#reason !== undefined) return;
    this.#reason = error;
    this.#hasLost = this.#queue.length > 0;
    this.#queue = [];
    this.#unread = [];
    const reader = this.#reader;
    this.#reader = null;
    this.#update();
    if (error) this.#sent.error(error);
    else this.#sent.complete();
    if (error) reader?.error(error);
    else reader?.complete();
    this.#drained.error(error ?? closedWhileSending());
    this.#writable.complete();
    this.#closed.next(error);
    this.#closed.complete();
  }
}

function closedWhileSending(): SocketClosedError {
  return new SocketClosedError('The connection was closed before everything was sent');
}
