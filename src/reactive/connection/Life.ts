import { AsyncSubject, lastValueFrom, Observable, type Subscription } from 'rxjs';
import { invalidType } from '../../core/argument';
import { isError } from '../../core/isError';
import type { TimeoutError, Where } from '../../core/errors';
import { BELONGS_TO_ITS_THREAD } from '../../core/unclonable';
import type { Context } from '../loop/Context';
import type { Holdable } from '../pacing/Holds';
import { after } from '../timer';
import { type LifeEvent, type LifeState, lifeTransitions } from './lifeStates';
import type { ConnectionSettings } from './options';
import { timedOut } from './timedOut';
import { REFUSED } from './transitions';

/** Accepts connections, and wants to know when one of them is closed. */
export interface Acceptor extends Holdable {
  onConnectionClosed(connection: Life): void;
}

/**
 * How long a connection lives, and who hears of its end. It lives as long as somebody uses it, and then until what is
 * queued is sent: {@link lifeTransitions}. The subclass does the work of a connection. Both are one object, to save
 * memory: most connections of a server are idle.
 */
export abstract class Life {
  /** Must be the first field: structured clone fails on it first, so its message is the one the user sees. */
  readonly thread = BELONGS_TO_ITS_THREAD;
  protected readonly settings: ConnectionSettings;
  readonly #context: Context | null;
  #state: LifeState = 'open';
  #reason: Error | null | undefined = undefined;
  /** How many subscriptions there are, of any kind. */
  #users = 0;
  #acceptor: Acceptor | null = null;
  #closed: AsyncSubject<Error | null> | null = null;
  #closeDeadline: Subscription | null = null;

  /** @param context in which it calls back; null: that of whoever makes something happen */
  protected constructor(settings: ConnectionSettings, context: Context | null) {
    this.settings = settings;
    this.#context = context;
  }

  // ---- What the subclass does ----

  /** Bytes that are still to be sent. */
  abstract get queuedBytes(): number;
  /** Who is at the other end, for errors. */
  abstract get peer(): Where;
  /** Why nothing more can be sent, or null. */
  protected abstract get sendFailure(): Error | null;
  /** Watches for what is wanted now. */
  abstract update(): void;
  /** Ends the sending side, and reads for nobody from now on. */
  protected abstract takeLeave(): void;
  /** Closes the transport, and tells readers and writers why. Called once. */
  protected abstract shut(error: Error | null): void;
  /** Publishes the end on the diagnostics channels, after all subscribers were told. */
  protected abstract onShut(error: Error | null): void;

  // ---- Who uses it ----

  protected get isUsed(): boolean {
    return this.#users > 0;
  }

  /** Whether the peer's leaving matters to anyone even while nobody reads. */
  protected get isMinded(): boolean {
    return this.#users > 0 || this.#acceptor !== null;
  }

  /** Somebody has subscribed. */
  enter(): void {
    this.#users++;
    this.update();
  }

  /** Somebody has unsubscribed. */
  leave(): void {
    this.#users--;
    this.update();
    if (this.#state === 'abandoned' && this.#users === 0) this.windUp();
  }

  /** Subscribes on behalf of a user. @returns the teardown */
  protected using(subscribe: () => Subscription): () => void {
    this.enter();
    const subscription = subscribe();
    return () => {
      subscription.unsubscribe();
      this.leave();
    };
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

  /** Its listener is gone: it closes once it has no subscribers. @internal */
  abandon(): void {
    this.#step('abandon');
    if (this.#users === 0) this.windUp();
  }

  /**
   * Its maker unsubscribed while emitting it. If it has users, it closes when the last one leaves. If it has none,
   * whoever keeps a reference must close it; without a reference the garbage collector closes it.
   *
   * @internal
   */
  handOver(): void {
    if (this.#users > 0) {
      this.abandon();
    } else {
      this.#acceptor = null;
      this.update();
    }
  }

  // ---- Its end ----

  /** Why it is closed: null for an orderly end; undefined while it is open. */
  get reason(): Error | null | undefined {
    return this.#reason;
  }

  get closed$(): Observable<Error | null> {
    return new Observable((subscriber) => {
      const closed = (this.#closed ??= new AsyncSubject());
      if (this.#reason !== undefined) this.#tellClosed(this.#reason);
      return this.using(() => closed.subscribe(subscriber));
    });
  }

  close(error?: Error): void {
    if (error !== undefined && !isError(error)) throw invalidType('error', 'an Error', error);
    this.finish(error ?? null);
  }

  /**
   * Ends our side, and closes once the peer has ended its own, after `closeTimeout` at the latest. What the peer still
   * sends is read and discarded: to close before would reset the connection, and could cost the peer our last words.
   *
   * @internal
   */
  linger(): void {
    if (!this.#step('linger')) return;
    if (this.sendFailure) {
      this.finish(this.sendFailure);
      return;
    }
    this.finishLater(null);
    this.takeLeave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.linger();
    await lastValueFrom(this.closed$);
  }

  /** Closes it once what is queued is sent: at once if nothing is, and after `closeTimeout` at the latest. @internal */
  windUp(): void {
    if (!this.#step('desert')) return;
    if (this.queuedBytes === 0) {
      this.finish(this.sendFailure);
      return;
    }
    this.finishLater(null);
  }

  protected get state(): LifeState {
    return this.#state;
  }

  /** Whether it is open for nothing but what is queued. */
  protected get isWindingUp(): boolean {
    return this.#state === 'windingUp';
  }

  protected get isLingering(): boolean {
    return this.#state === 'lingering';
  }

  /**
   * Closes it after `closeTimeout`, unless cancelled.
   *
   * @param error why; null: a timeout if bytes are still queued by then, else none
   */
  protected finishLater(error: Error | null): void {
    const { scheduler, closeTimeout } = this.settings;
    this.#closeDeadline ??= after(scheduler, closeTimeout, () => {
      this.finish(error ?? (this.queuedBytes > 0 ? this.#notSent() : null));
    });
  }

  #notSent(): TimeoutError {
    const { queuedBytes, peer, settings } = this;
    return timedOut(peer, `${queuedBytes} bytes were not sent within ${settings.closeTimeout} ms`);
  }

  protected cancelFinish(): void {
    this.#closeDeadline?.unsubscribe();
    this.#closeDeadline = null;
  }

  /** The only way to close. It is closed before any subscriber is told. */
  protected finish(error: Error | null): void {
    if (!this.#step('close')) return;
    this.inContext(() => {
      this.#close(error);
    });
  }

  #close(error: Error | null): void {
    this.#reason = error;
    this.cancelFinish();
    this.shut(error);
    this.#tellClosed(error);
    this.onShut(error);
    this.#acceptor?.onConnectionClosed(this);
  }

  #tellClosed(error: Error | null): void {
    this.#closed?.next(error);
    this.#closed?.complete();
  }

  /** Calls back in the context of the connection. */
  inContext(call: () => void): void {
    if (this.#context) this.#context.run(call);
    else call();
  }

  /** @returns whether the event may be now */
  #step(event: LifeEvent): boolean {
    const next = lifeTransitions[this.#state][event];
    if (next === REFUSED) return false;
    this.#state = next;
    return true;
  }
}
