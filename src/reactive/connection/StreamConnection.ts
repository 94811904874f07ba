import { types } from 'node:util';
import {
  AsyncSubject,
  Observable,
  type ObservableInput,
  type Subscription,
  throwError,
} from 'rxjs';
import { invalidType } from '../../core/argument';
import { TimeoutError } from '../../core/errors';
import type { StreamSocket } from '../../core/StreamSocket';
import type { Context } from '../loop/Context';
import type { Holdable } from '../pacing/Holds';
import { type Outgoing, send } from '../send';
import { after } from '../timer';
import { channels } from './channels';
import type { Connection } from './Connection';
import { IdleTimer } from './IdleTimer';
import { type LifeEvent, type LifeState, lifeTransitions } from './lifeStates';
import type { ConnectionSettings } from './options';
import type { Reading } from './Reading';
import { demandOf, ReadingHalf, type ReadingOwner } from './ReadingHalf';
import { REFUSED } from './transitions';
import type { Chunk, Transport, TransportEvents } from './Transport';
import { WritingHalf } from './WritingHalf';

/** Whoever accepted a connection. */
export interface Acceptor extends Holdable {
  onConnectionClosed(connection: StreamConnection): void;
}

/**
 * A connection, over whatever carries its bytes. It joins two halves, each a state machine of its own, and lives as long
 * as somebody uses it: {@link lifeTransitions}.
 */
export class StreamConnection implements Connection, TransportEvents, ReadingOwner, Outgoing {
  readonly #transport: Transport;
  readonly #settings: ConnectionSettings;
  readonly #context: Context | null;
  /** The listener that has accepted it, and has to know when the peer leaves though nobody is subscribed. */
  #acceptor: Acceptor | null = null;
  // Made when they are needed, as most connections of a server do nothing.
  #reading: ReadingHalf | null = null;
  #writing: WritingHalf | null = null;

  #life: LifeState = 'open';
  #reason: Error | null | undefined = undefined;
  /** Subscriptions of any kind. */
  #users = 0;
  #closed: AsyncSubject<Error | null> | null = null;
  #idle: IdleTimer | null;
  #closeDeadline: Subscription | null = null;

  /** @param context in which it calls back; null: that of whoever makes something happen */
  constructor(transport: Transport, settings: ConnectionSettings, context: Context | null) {
    this.#transport = transport;
    this.#settings = settings;
    this.#context = context;
    this.#idle = this.#idleTimer();
    transport.start(this);
    if (channels.open.hasSubscribers) channels.open.publish({ connection: this });
  }

  #readingHalf(): ReadingHalf {
    return (this.#reading ??= new ReadingHalf(this, this.#transport, this.#settings.allowHalfOpen));
  }

  #writingHalf(): WritingHalf {
    return (this.#writing ??= new WritingHalf(this, this.#transport, this.#settings));
  }

  get socket(): StreamSocket {
    return this.#transport.socket;
  }

  /** How to hold back what it reads. @internal */
  get reading(): Reading {
    return this.#readingHalf();
  }

  // ---- Observables ----

  get data$(): Observable<Buffer> {
    return this.#readingHalf().data$;
  }

  get closed$(): Observable<Error | null> {
    return new Observable((subscriber) => {
      const closed = (this.#closed ??= new AsyncSubject());
      if (this.#reason !== undefined) this.#tellClosed(this.#reason);
      return this.#using(() => closed.subscribe(subscriber));
    });
  }

  get writable$(): Observable<void> {
    return new Observable((subscriber) => {
      if (this.#reason === undefined) {
        return this.#using(() => this.#writingHalf().writable$.subscribe(subscriber));
      }
      subscriber.complete();
      return undefined;
    });
  }

  get drained$(): Observable<void> {
    return this.#writingHalf().drained$;
  }

  send(source: ObservableInput<Chunk>): Observable<number> {
    const sent = send(this, source);
    return new Observable((subscriber) =>
      this.#using(() => {
        // To be subscribed to is to be watched, which can have failed just now.
        const reason = this.#reason;
        return (reason ? throwError(() => reason) : sent).subscribe(subscriber);
      }),
    );
  }

  /** A subscription to it. @returns what ends that */
  #using(subscribe: () => Subscription): () => void {
    this.enter();
    const subscription = subscribe();
    return () => {
      subscription.unsubscribe();
      this.leave();
    };
  }

  // ---- Writing ----

  get queuedBytes(): number {
    return this.#reason === undefined ? this.#transport.queuedBytes : 0;
  }

  write(bytes: Chunk): boolean {
    const taken = this.#writingHalf().write(bytes);
    if (taken === null) return false;
    if (taken > 0) this.#idle?.touch();
    if (taken > 0 && channels.write.hasSubscribers) this.#publishWrite(taken);
    if (this.#users === 0) this.#keepAlive();
    return this.#writingHalf().hasRoom;
  }

  end(): void {
    const isLast = this.#readingHalf().state === 'ended' && this.#transport.queuedBytes === 0;
    if (isLast && this.#writingHalf().state === 'open') this.#finish(null);
    else this.#writingHalf().end();
  }

  #publishWrite(bytes: number): void {
    channels.write.publish({ connection: this, bytes, queuedBytes: this.queuedBytes });
  }

  // ---- What the transport tells ----

  onBytes(bytes: Buffer): void {
    this.#idle?.touch();
    if (channels.read.hasSubscribers) {
      channels.read.publish({ connection: this, bytes: bytes.length });
    }
    this.#readingHalf().onBytes(bytes);
  }

  onPeerLeft(): void {
    this.#readingHalf().onPeerLeft();
  }

  onEnd(error: Error | null): void {
    this.#readingHalf().onEnd(error);
  }

  onSent(bytes: number): void {
    this.#idle?.touch();
    if (channels.write.hasSubscribers) {
      this.inContext(() => {
        this.#publishWrite(bytes);
      });
    }
    this.#writingHalf().onSent();
    if (this.queuedBytes > 0) return;
    if (this.#life === 'windingUp') this.#finish(null);
    else if (this.#users === 0) this.#keepAlive();
  }

  /** What the peer sent before it left can still be read, so its reader hears of the failure behind that. */
  onSendFailed(error: Error): void {
    if (!this.#writingHalf().onFailed(error) || this.#reason !== undefined) return; // who heard of it may have closed it
    const nobodyReads = this.#life === 'windingUp' || this.#life === 'lingering';
    const isOver = nobodyReads || this.#readingHalf().state === 'ended';
    if (isOver || !(this.#readingHalf().hasReader || this.#transport.dataAvailable)) {
      this.#finish(error);
      return;
    }
    if (!this.#readingHalf().hasReader) this.#finishLater(error);
    this.update();
  }

  onEnded(isTold: boolean): void {
    if (!this.#writingHalf().onEnded()) return;
    const isGone = !isTold && !this.#readingHalf().hasReader && !this.#transport.dataAvailable;
    // With a reader, a peer that is gone tells so when it is read from.
    if (isGone || this.#readingHalf().state === 'ended') this.#finish(null);
    else this.update();
  }

  onFailure(error: Error): void {
    this.#finish(error);
  }

  onClosed(): void {
    this.#finish(null);
  }

  // ---- What the reading half tells, and asks ----

  onAllRead(failure: Error | null): void {
    const error = failure ?? this.#writingHalf().failure; // a read knows more of the reason
    if (error) {
      this.#finish(error);
      return;
    }
    this.#readingHalf().complete();
    if (!this.#readingHalf().keepsHalfOpen) this.end();
    if (this.#writingHalf().state === 'ended') this.#finish(null);
  }

  onReaderLeft(): void {
    // It was open for the sake of this reader only.
    if (this.#writingHalf().failure) this.#finish(this.#writingHalf().failure);
    else if (this.#life === 'lingering') this.#readingHalf().discard();
    else this.update();
  }

  /** Only from now on is silence the peer's. */
  onReleased(): void {
    this.#idle?.touch();
  }

  inContext(call: () => void): void {
    if (this.#context) this.#context.run(call);
    else call();
  }

  // ---- Its life ----

  get reason(): Error | null | undefined {
    return this.#reason;
  }

  close(error?: Error): void {
    // Of whichever realm: that of a test runner has an Error of its own.
    if (error !== undefined && !(error instanceof Error) && !types.isNativeError(error)) {
      throw invalidType('error', 'an Error', error);
    }
    this.#finish(error ?? null);
  }

  /**
   * A listener has accepted it, and has to know when the peer leaves, even if nobody ever subscribes.
   *
   * @internal
   */
  accept(acceptor: Acceptor): void {
    this.#acceptor = acceptor;
    this.update();
  }

  /** @internal */
  get acceptor(): Acceptor | null {
    return this.#acceptor;
  }

  /** Its listener is gone: it closes once nobody is subscribed to it. @internal */
  abandon(): void {
    this.#step('abandon');
    if (this.#users === 0) this.windUp();
  }

  /**
   * Ends our side, and closes once the peer has ended its own, after `closeTimeout` at the latest. What the peer still
   * sends is read and discarded: to close before would reset the connection, and could cost the peer our last words.
   *
   * @internal
   */
  linger(): void {
    if (!this.#step('linger')) return;
    const { failure } = this.#writingHalf();
    if (failure) {
      this.#finish(failure);
      return;
    }
    this.end();
    this.#finishLater(null);
    this.#readingHalf().discard();
  }

  /** Closes it once what is queued is sent: at once if nothing is, and after `closeTimeout` at the latest. @internal */
  windUp(): void {
    if (!this.#step('desert')) return;
    if (this.queuedBytes === 0) {
      this.#finish(this.#writingHalf().failure);
      return;
    }
    this.#finishLater(null);
  }

  enter(): void {
    this.#users++;
    this.update();
  }

  leave(): void {
    this.#users--;
    this.update();
    if (this.#life === 'abandoned' && this.#users === 0) this.windUp();
  }

  /** Brings what is watched for in line with what is wanted. */
  update(): void {
    if (this.#reason !== undefined) return;
    const [reading, writing] = [this.#reading, this.#writing];
    if (writing?.failure && reading?.hasReader) this.#cancelFinish();
    const isMinded = this.#users > 0 || writing?.state === 'ended' || this.#acceptor !== null;
    this.#transport.want(demandOf(reading, isMinded));
    this.#keepAlive();
  }

  #keepAlive(): void {
    if (this.#reason !== undefined) return; // whoever was told that bytes are sent may have closed it
    this.#transport.keepAlive(this.#users > 0 || this.queuedBytes > 0);
  }

  #idleTimer(): IdleTimer | null {
    const { idleTimeout, scheduler } = this.#settings;
    if (idleTimeout === Infinity) return null;
    return new IdleTimer(
      scheduler,
      idleTimeout,
      () => this.#readingHalf().isHeld, // it is we who do not listen then
      () => {
        this.close(new TimeoutError(`Nothing moved for ${idleTimeout} ms`));
      },
    );
  }

  /** @param error why; null: for want of time, if something is still queued then */
  #finishLater(error: Error | null): void {
    if (this.#reason !== undefined) return;
    const { scheduler, closeTimeout } = this.#settings;
    this.#closeDeadline ??= after(scheduler, closeTimeout, () => {
      this.#finish(error ?? (this.queuedBytes > 0 ? notSent(closeTimeout) : null));
    });
  }

  #cancelFinish(): void {
    this.#closeDeadline?.unsubscribe();
    this.#closeDeadline = null;
  }

  /** The one way to the end. Whoever hears of it finds it closed. */
  #finish(error: Error | null): void {
    if (!this.#step('close')) return;
    this.inContext(() => {
      this.#close(error);
    });
  }

  #close(error: Error | null): void {
    this.#reason = error;
    this.#idle?.stop();
    this.#cancelFinish();
    const reader = this.#readingHalf().close();
    const tellWriters = this.#writingHalf().close(this.#transport.close(error));
    if (error) reader?.error(error);
    else reader?.complete();
    tellWriters(error);
    this.#tellClosed(error);
    if (channels.close.hasSubscribers) channels.close.publish({ connection: this, error });
    this.#acceptor?.onConnectionClosed(this);
  }

  #tellClosed(error: Error | null): void {
    this.#closed?.next(error);
    this.#closed?.complete();
  }

  /** @returns whether the event may be now */
  #step(event: LifeEvent): boolean {
    const next = lifeTransitions[this.#life][event];
    if (next === REFUSED) return false;
    this.#life = next;
    return true;
  }
}

function notSent(closeTimeout: number): TimeoutError {
  return new TimeoutError(`What was queued was not sent within ${closeTimeout} ms`);
}
