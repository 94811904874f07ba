import { type Observable, type Subscriber, Subscription } from 'rxjs';
import type { Connection } from '../connection/Connection';
import { readingOf } from '../connection/Reading';
import { Holds } from '../pacing/Holds';
import { Queue } from '../Queue';
import { after } from '../timer';
import { Served, type ServedOwner, type ServedSettings } from './Served';

export interface ServiceSettings<T> extends ServedSettings<T> {
  readonly stop$: Observable<unknown>;
  readonly maxConnections: number;
}

/**
 * - `accepting`: every client is served
 * - `finishing`: the source has completed, so no new client comes
 * - `stopping`: no new client is served, no connection is read, and the handlers have `grace` to finish
 * - `over`: nothing is served any more
 */
type Phase = 'accepting' | 'finishing' | 'stopping' | 'over';

/** One subscription to what handlers emit: all connections that are being served. */
export class Service<T> implements ServedOwner<T> {
  readonly settings: ServiceSettings<T>;
  readonly #subscriber: Subscriber<T>;
  readonly #accepting = new Subscription();
  readonly #served = new Set<Served<T>>();
  /** Connections that arrived beyond `maxConnections`: before the source was held back, or because it cannot be. */
  readonly #waiting = new Queue<Connection>();
  readonly #holds = new Holds();
  #isServingWaiting = false;
  #phase: Phase = 'accepting';
  #failure: { readonly error: unknown } | null = null;

  constructor(settings: ServiceSettings<T>, subscriber: Subscriber<T>) {
    this.settings = settings;
    this.#subscriber = subscriber;
  }

  serve(connections$: Observable<Connection>): void {
    const subscriber = this.#subscriber;
    subscriber.add(() => {
      this.#close();
    });
    const error = (failure: unknown) => {
      this.#failure = { error: failure };
      this.#stop();
    };
    const next = () => {
      this.#stop();
    };
    subscriber.add(this.settings.stop$.subscribe({ next, error }));
    if (subscriber.closed) return; // stop$ emitted before it began
    this.#accepting.add(
      connections$.subscribe({
        next: (connection) => {
          this.#welcome(connection);
        },
        error,
        complete: () => {
          this.#finish();
        },
      }),
    );
  }

  // ---- What a connection that is served tells ----

  emit(value: T): void {
    this.#subscriber.next(value);
  }

  onOver(served: Served<T>): void {
    this.#served.delete(served);
    this.#serveWaiting();
    this.#settle();
  }

  // ---- Who comes ----

  get #hasRoom(): boolean {
    return this.#served.size < this.settings.maxConnections;
  }

  #welcome(connection: Connection): void {
    const { acceptor } = readingOf('connection', connection);
    if (this.#phase !== 'accepting') {
      connection.close();
      return;
    }
    if (this.#hasRoom) this.#serveOne(connection);
    else this.#waiting.push(connection);
    if (!this.#hasRoom && acceptor) this.#holds.hold(acceptor);
  }

  #serveOne(connection: Connection): void {
    const served = new Served(connection, this);
    this.#served.add(served);
    served.start();
  }

  /** A loop, not a recursion, as handlers may close their connections at once. */
  #serveWaiting(): void {
    if (this.#isServingWaiting) return;
    this.#isServingWaiting = true;
    while (this.#hasRoom && this.#waiting.length > 0) this.#serveOne(this.#waiting.shift()!);
    this.#isServingWaiting = false;
    if (this.#hasRoom) this.#holds.releaseAll();
  }

  // ---- How it ends ----

  #finish(): void {
    if (this.#phase === 'accepting') this.#phase = 'finishing';
    this.#settle();
  }

  #stop(): void {
    if (this.#phase !== 'accepting' && this.#phase !== 'finishing') return;
    this.#phase = 'stopping';
    this.#accepting.unsubscribe();
    for (const connection of this.#waiting.takeAll()) connection.close();
    const { scheduler, grace } = this.settings;
    this.#subscriber.add(
      after(scheduler, grace, () => {
        for (const served of [...this.#served]) served.expire();
      }),
    );
    for (const served of [...this.#served]) served.stop();
    this.#settle();
  }

  #settle(): void {
    const mayEnd = this.#phase === 'finishing' || this.#phase === 'stopping';
    if (!mayEnd || this.#served.size > 0 || this.#waiting.length > 0) return;
    if (this.#failure) this.#subscriber.error(this.#failure.error);
    else this.#subscriber.complete();
  }

  /** The subscriber has left. */
  #close(): void {
    this.#phase = 'over';
    this.#accepting.unsubscribe();
    for (const connection of this.#waiting.takeAll()) connection.close();
    for (const served of [...this.#served]) served.abandon();
    this.#served.clear();
    this.#holds.releaseAll();
  }
}
