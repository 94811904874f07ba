import { type ObservableInput, type SchedulerLike, Subscription } from 'rxjs';
import { placeOf, SocketClosedError, TimeoutError } from '../../core/errors';
import { isError } from '../../core/isError';
import type { Connection } from '../connection/Connection';
import { peerOf } from '../connection/Ends';
import { type Reading, readingOf } from '../connection/Reading';
import { resultOf } from '../resultOf';
import { throwLater } from '../throwLater';
import { after } from '../timer';

export interface ServedSettings<T> {
  readonly handler: (connection: Connection) => ObservableInput<T>;
  readonly onError: (error: unknown, connection: Connection) => void;
  readonly grace: number;
  readonly scheduler: SchedulerLike;
}

/** The service that a connection is served by. */
export interface ServedOwner<T> {
  readonly settings: ServedSettings<T>;
  /** The handler has emitted a value. */
  emit(value: T): void;
  /** The connection is closed, and its handler has finished. */
  onOver(served: Served<T>): void;
}

/**
 * - `handling`: the handler is at work
 * - `lingering`: the handler has finished, and the connection closes once the client has ended
 * - `orphaned`: the connection is closed, and the handler has `grace` to finish
 * - `over`: neither is left
 */
type State = 'handling' | 'lingering' | 'orphaned' | 'over';

/** One connection, and the handler that serves it. */
export class Served<T> {
  readonly #connection: Connection;
  readonly #reading: Reading;
  readonly #owner: ServedOwner<T>;
  readonly #handling = new Subscription();
  readonly #closing = new Subscription();
  #state: State = 'handling';

  constructor(connection: Connection, owner: ServedOwner<T>) {
    this.#connection = connection;
    this.#reading = readingOf('connection', connection);
    this.#owner = owner;
  }

  start(): void {
    this.#reading.keepHalfOpen();
    this.#reading.inContext(() => {
      this.#handle();
      // Subscribed after the handler, so that a handler that reads learns first why its connection has closed.
      this.#closing.add(
        this.#connection.closed$.subscribe((reason) => {
          this.#onClosed(reason);
        }),
      );
    });
  }

  #handle(): void {
    const owner = this.#owner;
    const error = (failure: unknown) => {
      this.#onFailed(failure);
    };
    try {
      const result$ = resultOf('handler', owner.settings.handler(this.#connection));
      this.#handling.add(
        result$.subscribe({
          next: (value) => {
            owner.emit(value);
          },
          error,
          complete: () => {
            this.#onFinished();
          },
        }),
      );
    } catch (failure) {
      error(failure);
    }
  }

  // ---- What happens ----

  #onFinished(): void {
    if (this.#state === 'orphaned') {
      this.#end();
    } else if (this.#state === 'handling') {
      this.#state = 'lingering';
      this.#reading.linger();
    }
  }

  #onFailed(failure: unknown): void {
    const wasOpen = this.#state === 'handling';
    if (wasOpen) this.#state = 'lingering';
    // Whoever writes to a connection that has failed is told that it is closed: why says more.
    const error =
      failure instanceof SocketClosedError ? (this.#reading.reason ?? failure) : failure;
    this.#report(error);
    if (!wasOpen) this.#end();
    else if (this.#connection.queuedBytes > 0) this.#reading.linger();
    else this.#connection.close(isError(error) ? error : undefined);
  }

  #onClosed(reason: Error | null): void {
    if (this.#state === 'lingering') {
      this.#end();
      return;
    }
    if (this.#state !== 'handling') return;
    this.#state = 'orphaned';
    const { scheduler, grace } = this.#owner.settings;
    this.#handling.add(
      after(scheduler, grace, () => {
        this.#report(reason ?? tookTooLong(this.#connection, grace));
        this.#end();
      }),
    );
  }

  /** A mistake in `onError` must not harm other connections. A last word to a client that is gone is none. */
  #report(error: unknown): void {
    try {
      this.#owner.settings.onError(error, this.#connection);
    } catch (mistake) {
      const isTooLate = mistake instanceof SocketClosedError && this.#reading.reason !== undefined;
      if (!isTooLate) throwLater(mistake);
    }
  }

  #end(): void {
    this.#leave();
    this.#owner.onOver(this);
  }

  // ---- What the service tells ----

  /** Stops reading: the handler finishes what it has. */
  stop(): void {
    if (this.#state === 'handling') this.#reading.stop();
  }

  /** The time to finish is over. */
  expire(): void {
    const state = this.#state;
    if (state === 'over') return; // an onError that was told of another has unsubscribed
    const error =
      state === 'lingering' ? undefined : tookTooLong(this.#connection, this.#owner.settings.grace);
    this.#handling.unsubscribe();
    this.#state = 'lingering';
    if (error) this.#report(error);
    if (state === 'orphaned') this.#end();
    else this.#connection.close(error);
  }

  /** The subscriber has left: nobody else has the connection. */
  abandon(): void {
    this.#leave();
    this.#reading.windUp();
  }

  #leave(): void {
    this.#state = 'over';
    this.#handling.unsubscribe();
    this.#closing.unsubscribe();
  }
}

function tookTooLong(connection: Connection, grace: number): TimeoutError {
  const peer = peerOf(connection);
  const message = `handler ETIMEDOUT${placeOf(peer)}: not finished within ${grace} ms`;
  return new TimeoutError(message, peer);
}
