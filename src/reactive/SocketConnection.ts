import { types } from 'node:util';
import {
  AsyncSubject,
  Observable,
  type ObservableInput,
  type Observer,
  Subject,
  type Subscription,
} from 'rxjs';
import { checkBytes, invalidType } from '../core/argument';
import { SocketBusyError, SocketClosedError, socketError, TimeoutError } from '../core/errors';
import { bitOf } from '../core/events';
import { END, type Failure, native } from '../core/native';
import { Claim, type Companion } from '../core/Socket';
import type { StreamSocket } from '../core/StreamSocket';
import { channels } from './channels';
import type { Connection } from './Connection';
import { IdleTimer } from './IdleTimer';
import type { ConnectionSettings } from './options';
import { QueueFullError } from './QueueFullError';
import { DataObservable, type Reading } from './Reading';
import { Demand, type OtherKind, RecordKind } from './records';
import { type Chunk, type Outgoing, send } from './send';
import { SendQueue } from './SendQueue';
import type { Watch, Watcher } from './Watch';

const DATA_AVAILABLE = bitOf('dataAvailable');
const ROOM_OR_NOBODY = bitOf('readyToWrite') | bitOf('remoteDisconnected');
const oneByte = Buffer.alloc(1);

/** A core stream, served by an event loop. */
export class SocketConnection implements Connection, Companion, Watcher, Reading, Outgoing {
  readonly socket: StreamSocket;
  readonly #settings: ConnectionSettings;
  /** Tells the listener that accepted it. */
  readonly #onClosed: ((connection: SocketConnection) => void) | null;

  #watch: Watch | null = null;
  /** Whoever is subscribed to `data$`. */
  #reader: Observer<Buffer> | null = null;
  #holds = 0;
  /** Bytes that the system did not take yet; null while there never were any. */
  #queue: SendQueue | null = null;
  #writeError: Error | null = null;
  /** How reading ended, while bytes that came before wait for a reader. */
  #endBehindUnread: Failure | null = null;
  /** Subscriptions of any kind. */
  #users = 0;
  /** Undefined while it is open. */
  #reason: Error | null | undefined = undefined;

  // Flags of its life, in the order in which they are set.
  #keepsHalfOpen: boolean;
  #mustDrain = false;
  #peerEndSeen = false;
  #peerEnded = false;
  #isEnding = false;
  #endsWhenSent = false;
  #isShutDown = false;
  #isAbandoned = false;
  #isWindingUp = false;
  #holdsLoop = false;
  /** Whether bytes were queued when it was closed. */
  #hasLost = false;

  #data: DataObservable | null = null;
  #closed: AsyncSubject<Error | null> | null = null;
  #writable: Subject<void> | null = null;
  #drained: Subject<void> | null = null;
  #idle: IdleTimer | null;
  #answers: IdleTimer | null = null;
  #closeDeadline: Subscription | null = null;

  constructor(
    socket: StreamSocket,
    settings: ConnectionSettings,
    onClosed: ((connection: SocketConnection) => void) | null = null,
  ) {
    this.socket = socket;
    this.#settings = settings;
    this.#keepsHalfOpen = settings.allowHalfOpen;
    this.#onClosed = onClosed;
    socket.companion = this;
    this.#idle = this.#timer(settings.idleTimeout, () => {
      this.close(new TimeoutError(`Nothing moved for ${settings.idleTimeout} ms`));
    });
    if (channels.open.hasSubscribers) channels.open.publish({ connection: this });
    // Its listener has to know when the peer leaves, even if nobody ever subscribes.
    if (onClosed) this.#update();
  }

  get lends(): boolean {
    return this.#settings.borrow;
  }

  // ---- Observables, made when first asked for ----

  get data$(): Observable<Buffer> {
    return (this.#data ??= new DataObservable(this, (subscriber) => this.#read(subscriber)));
  }

  get closed$(): Observable<Error | null> {
    return new Observable((subscriber) => {
      const closed = (this.#closed ??= new AsyncSubject());
      if (this.#reason !== undefined) this.#tellClosed(this.#reason);
      this.#enter();
      subscriber.add(closed.subscribe(subscriber));
      return () => {
        this.#leave();
      };
    });
  }

  get writable$(): Observable<void> {
    return new Observable((subscriber) => {
      if (this.#reason !== undefined) {
        subscriber.complete();
        return undefined;
      }
      this.#enter();
      subscriber.add((this.#writable ??= new Subject()).subscribe(subscriber));
      return () => {
        this.#leave();
      };
    });
  }

  get drained$(): Observable<void> {
    return new Observable((subscriber) => {
      const failure =
        this.#reason ?? this.#writeError ?? (this.#hasLost ? closedWhileSending() : null);
      if (failure) {
        subscriber.error(failure);
      } else if (this.queuedBytes === 0) {
        subscriber.next();
        subscriber.complete();
      } else {
        subscriber.add((this.#drained ??= new Subject()).subscribe(subscriber));
      }
    });
  }

  send(source: ObservableInput<Chunk>): Observable<number> {
    const sent = send(this, source);
    return new Observable((subscriber) => {
      this.#enter();
      subscriber.add(sent.subscribe(subscriber));
      return () => {
        this.#leave();
      };
    });
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
    this.socket.claim(Claim.Reading);
    this.#reader = subscriber;
    this.#enter();
    this.#deliverUnread();
    if (this.#peerEnded) subscriber.complete();
    return () => {
      if (this.#reader === subscriber) {
        this.#reader = null;
        this.socket.unclaim(Claim.Reading);
        // It was open for the sake of this reader only.
        if (this.#writeError) this.#finish(this.#writeError);
        this.#update();
      }
      this.#leave();
    };
  }

  hold(): void {
    this.#holds++;
    this.#update();
  }

  release(): void {
    this.#holds--;
    this.#deliverUnread();
    this.#update();
  }

  giveBack(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.socket.closed) return;
    this.socket.unread.prepend(bytes);
    this.socket.holdUnread();
  }

  keepHalfOpen(): void {
    this.#keepsHalfOpen = true;
  }

  onBytes(bytes: Buffer): void {
    this.#idle?.touch();
    this.#answers?.touch();
    if (channels.read.hasSubscribers) {
      channels.read.publish({ connection: this, bytes: bytes.length });
    }
    if (this.#reader && this.#holds === 0) {
      this.#reader.next(bytes);
    } else {
      // Another one of the same batch had it unsubscribed or held: they wait for the next reader.
      this.socket.unread.append(bytes);
      this.socket.holdUnread();
    }
  }

  #deliverUnread(): void {
    while (this.#reader && this.#holds === 0 && !this.socket.closed) {
      const { unread } = this.socket;
      if (unread.length === 0) {
        if (this.#endBehindUnread !== null) this.#onEnd(this.#endBehindUnread);
        return;
      }
      const bytes = Buffer.from(unread.view());
      unread.consume(bytes.length);
      this.socket.holdUnread();
      this.#reader.next(bytes);
    }
  }

  onRecord(kind: OtherKind, value: Failure): void {
    if (kind === RecordKind.Room) this.#onRoom();
    else if (kind === RecordKind.End) this.#onEnd(value);
    else if (kind === RecordKind.PeerEnd) this.#onPeerEnd();
  }

  /** The peer has left, and bytes may be unread: only whoever reads them gets to the end. */
  #onPeerEnd(): void {
    this.#peerEndSeen = true;
    const { token } = this.socket;
    if (native.holds(token, DATA_AVAILABLE) !== 0) return;
    const got = native.read(token, oneByte, 0, 1, true);
    if (got < 0) this.#onEnd(got === END ? 0 : got);
  }

  #onEnd(failure: Failure): void {
    this.#peerEndSeen = true;
    if (this.socket.unread.length > 0) {
      this.#endBehindUnread = failure;
      return;
    }
    this.#peerEnded = true;
    if (failure < 0 || this.#writeError) {
      this.#finish(this.#writeError ?? socketError(failure, 'read', this.socket.where));
      return;
    }
    this.#reader?.complete();
    if (!this.#keepsHalfOpen) this.end();
    if (this.#isShutDown) this.#finish(null);
  }

  // ---- Writing ----

  get queuedBytes(): number {
    return this.#queue?.length ?? 0;
  }

  write(bytes: Chunk): boolean {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : checkBytes('bytes', bytes);
    if (this.#reason !== undefined || this.#isEnding) {
      throw new SocketClosedError(`The connection ${this.#isEnding ? 'was ended' : 'is closed'}`);
    }
    if (this.#writeError) return false;
    const taken = this.queuedBytes > 0 ? 0 : this.#writeNow(buffer);
    if (taken < 0) return false;
    if (taken < buffer.length) this.#enqueue(taken === 0 ? buffer : buffer.subarray(taken));
    if (channels.write.hasSubscribers) this.#publishWrite(taken);
    const hasRoom = this.queuedBytes < this.#settings.highWaterMark;
    if (!hasRoom) this.#mustDrain = true;
    return hasRoom;
  }

  /** @returns the bytes taken; negative: it failed, which has been dealt with */
  #writeNow(buffer: Uint8Array): number {
    const taken = native.write(this.socket.token, buffer, 0, buffer.length);
    if (taken > 0) this.#idle?.touch();
    else if (taken < 0) this.#onWriteFailed(taken);
    return taken;
  }

  #enqueue(bytes: Uint8Array): void {
    const { maxQueueBytes } = this.#settings;
    const queue = (this.#queue ??= new SendQueue());
    if (queue.length >= maxQueueBytes) throw new QueueFullError(maxQueueBytes);
    const wasEmpty = queue.length === 0;
    queue.append(bytes);
    if (!wasEmpty) return;
    this.socket.claim(Claim.Writing);
    this.#update();
  }

  #onRoom(): void {
    if (this.#endsWhenSent) this.#shutDown();
    else this.#drain();
  }

  #drain(): void {
    const queue = this.#queue;
    if (!queue || this.#reason !== undefined) return;
    const before = queue.length;
    const { token } = this.socket;
    const failure = queue.drain((memory, start, end) => native.write(token, memory, start, end));
    if (queue.length < before) this.#idle?.touch();
    if (channels.write.hasSubscribers) this.#publishWrite(before - queue.length);
    if (failure < 0) this.#onWriteFailed(failure);
    else if (queue.length === 0) this.#onDrained();
    else this.#update();
  }

  #onDrained(): void {
    this.socket.unclaim(Claim.Writing);
    this.#update();
    const drained = this.#drained;
    this.#drained = null;
    drained?.next();
    drained?.complete();
    if (this.#mustDrain) {
      this.#mustDrain = false;
      this.#writable?.next();
    }
    // Those may have written more.
    if (this.#reason !== undefined || this.queuedBytes > 0) return;
    if (this.#isEnding) this.#shutDown();
    if (this.#isWindingUp) this.#finish(null);
  }

  end(): void {
    if (this.#isEnding || this.#reason !== undefined) return;
    this.#isEnding = true;
    if (this.queuedBytes === 0) this.#shutDown();
  }

  #shutDown(): void {
    if (this.#isShutDown || this.#reason !== undefined) return;
    this.#endsWhenSent = this.#isSending;
    if (this.#endsWhenSent) {
      this.#update();
      return;
    }
    const failure = native.shutdown(this.socket.token);
    this.#isShutDown = true;
    // A peer that is gone already tells so when it is read from.
    if (this.#peerEnded || (failure < 0 && !this.#reader)) {
      this.#finish(null);
      return;
    }
    if (!this.socket.hasHalfClose) this.#awaitAnswers();
    this.#update();
  }

  /** Whether the last write to a pipe is in flight, which it is until the peer has read enough. */
  get #isSending(): boolean {
    return !this.socket.hasHalfClose && native.holds(this.socket.token, ROOM_OR_NOBODY) === 0;
  }

  /** The peer hears of our end by the close, which would cost what it still has to say: so that comes first. */
  #awaitAnswers(): void {
    this.#answers = this.#timer(this.#settings.answerTimeout, () => {
      const isBehind = this.#reader && native.holds(this.socket.token, DATA_AVAILABLE) !== 0;
      if (isBehind) this.#awaitAnswers();
      else this.#finish(null);
    });
  }

  /** What the peer sent before it left is still to be read, so a reader hears of the failure behind that. */
  #onWriteFailed(failure: Failure): void {
    this.#writeError = socketError(failure, 'write', this.socket.where);
    this.#queue?.clear();
    this.socket.unclaim(Claim.Writing);
    if (!this.#reader || this.#peerEnded) {
      this.#finish(this.#writeError);
      return;
    }
    this.#drained?.error(this.#writeError);
    this.#drained = null;
    this.#update();
  }

  #publishWrite(bytes: number): void {
    channels.write.publish({ connection: this, bytes, queuedBytes: this.queuedBytes });
  }

  // ---- Its life ----

  close(error?: Error): void {
    // Of whichever realm: that of a test runner has an Error of its own.
    if (error !== undefined && !(error instanceof Error) && !types.isNativeError(error)) {
      throw invalidType('error', 'an Error', error);
    }
    this.#finish(error ?? null);
  }

  /** Its listener is gone: it closes once nobody is subscribed to it. */
  abandon(): void {
    this.#isAbandoned = true;
    if (this.#users === 0) this.windUp();
  }

  /** Closes it once what is queued is sent: at once if nothing is, and after `closeTimeout` at the latest. */
  windUp(): void {
    if (this.#reason !== undefined) return;
    if (this.queuedBytes === 0) {
      this.#finish(null);
      return;
    }
    this.#isWindingUp = true;
    const { scheduler, closeTimeout } = this.#settings;
    if (closeTimeout === Infinity) return;
    this.#closeDeadline ??= scheduler.schedule(() => {
      this.#finish(new TimeoutError(`What was queued was not sent within ${closeTimeout} ms`));
    }, closeTimeout);
  }

  onSocketClosed(): void {
    this.#finish(null);
  }

  onReferenceChanged(): void {
    this.#holdLoop();
  }

  #enter(): void {
    this.#users++;
    this.#update();
  }

  #leave(): void {
    this.#users--;
    this.#update();
    if (this.#isAbandoned && this.#users === 0) this.windUp();
  }

  /** Brings what is watched for in line with what is wanted. */
  #update(): void {
    if (this.#reason !== undefined) return;
    const reads = this.#reader && this.#holds === 0;
    const demand =
      (reads && !this.#peerEnded ? Demand.Bytes : 0) |
      (!reads && !this.#peerEndSeen && this.#isMinded ? Demand.PeerEnd : 0) |
      (this.queuedBytes > 0 || this.#endsWhenSent ? Demand.Room : 0);
    if (demand !== Demand.Nothing || this.#watch) {
      const { loop, borrow } = this.#settings;
      this.#watch ??= loop.add(this.socket.token, this, borrow);
      this.#watch.want(demand);
    }
    this.#holdLoop();
  }

  /** Whether anybody wants to know that the peer has left. */
  get #isMinded(): boolean {
    return this.#users > 0 || this.#isShutDown || this.#onClosed !== null;
  }

  #holdLoop(): void {
    const isOpen = this.#reason === undefined;
    const holds = isOpen && this.socket.referenced && (this.#users > 0 || this.queuedBytes > 0);
    if (holds === this.#holdsLoop) return;
    this.#holdsLoop = holds;
    const { loop } = this.#settings;
    if (holds) loop.hold();
    else loop.release();
  }

  #timer(timeout: number, onIdle: () => void): IdleTimer | null {
    return timeout === Infinity ? null : new IdleTimer(this.#settings.scheduler, timeout, onIdle);
  }

  /** The one way to the end. Whoever hears of it finds it closed. */
  #finish(error: Error | null): void {
    if (this.#reason !== undefined) return;
    this.#reason = error;
    this.#watch?.close();
    this.#watch = null;
    this.#idle?.stop();
    this.#answers?.stop();
    this.#closeDeadline?.unsubscribe();
    this.#hasLost = this.queuedBytes > 0;
    this.#queue = null;
    this.#holdLoop();
    this.socket.companion = null;
    this.socket.close();
    const [reader, drained] = [this.#reader, this.#drained];
    this.#reader = this.#drained = null;
    if (error) reader?.error(error);
    else reader?.complete();
    drained?.error(error ?? closedWhileSending());
    this.#writable?.complete();
    this.#tellClosed(error);
    if (channels.close.hasSubscribers) channels.close.publish({ connection: this, error });
    this.#onClosed?.(this);
  }

  #tellClosed(error: Error | null): void {
    this.#closed?.next(error);
    this.#closed?.complete();
  }
}

function closedWhileSending(): SocketClosedError {
  return new SocketClosedError('The connection was closed before everything was sent');
}
