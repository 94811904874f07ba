import { type Observable, type Observer, type Subscriber, Subscription } from 'rxjs';
import type { Connection } from '../connection/Connection';
import type { Acceptor, Life } from '../connection/Life';
import { readingOf } from '../connection/Reading';
import type { Holdable } from '../pacing/Holds';
import { throwLater } from '../throwLater';
import { handshake } from './Handshake';
import type { TlsSettings } from './options';
import type { SecuredConnection } from './SecuredConnection';
import type { TlsConnection } from './TlsConnection';

/** One subscription to what `startTls` makes of connections. */
export class Upgrade implements Observer<Connection> {
  readonly #settings: TlsSettings;
  readonly #subscriber: Subscriber<TlsConnection>;
  readonly #handshakes = new Subscription();
  readonly #acceptors = new Map<Holdable, Acceptor>();
  /** Open connections that a listener accepted. */
  readonly #accepted = new Set<Life>();
  /** Other connections, as long as they or those below them are open, with what keeps the process alive for them. */
  readonly #connected = new Map<Life, Subscription>();
  readonly #source = new Subscription();
  #isStopped = false;
  #shaking = 0;
  /** The connection that is being handed over. */
  #emitting: Life | null = null;
  /** How the source ended, while those that were connected go on: with an error, or null. */
  #outcome: { readonly error: unknown } | null | undefined = undefined;

  constructor(settings: TlsSettings, subscriber: Subscriber<TlsConnection>) {
    this.#settings = settings;
    this.#subscriber = subscriber;
  }

  start(source: Observable<Connection>): void {
    this.#source.add(source.subscribe(this));
  }

  // ---- What the source tells ----

  next(connection: Connection): void {
    if (this.#isStopped) {
      connection.close();
      return;
    }
    let acceptor: Holdable | null;
    let isServer: boolean;
    try {
      acceptor = readingOf('connection', connection).acceptor;
      isServer = this.#settings.isServer ?? acceptor !== null;
      this.#settings.checkSide(isServer);
    } catch (error) {
      this.#subscriber.error(error);
      return;
    }
    this.#shaking++;
    this.#handshakes.add(
      handshake(connection, this.#settings, isServer).subscribe({
        next: (secured) => {
          this.#shaking--;
          if (acceptor) this.#handOverAccepted(secured, acceptor);
          else this.#handOverConnected(secured, connection);
        },
        error: (error: Error) => {
          this.#shaking--;
          if (acceptor) this.#refuse(error, connection);
          else this.#subscriber.error(error);
        },
      }),
    );
  }

  error(error: unknown): void {
    this.#outcome = { error };
    this.#settle();
  }

  complete(): void {
    this.#outcome = null;
    this.#settle();
  }

  /** A connected one reports its reason itself, after its last bytes, when the connection below is closed already. */
  #settle(): void {
    if (this.#outcome === undefined || this.#connected.size > 0 || this.#shaking > 0) return;
    if (this.#outcome) this.#subscriber.error(this.#outcome.error);
    else this.#subscriber.complete();
  }

  // ---- What becomes of a connection ----

  #refuse(error: Error, connection: Connection): void {
    try {
      this.#settings.onError(error, connection);
    } catch (mistake) {
      throwLater(mistake); // must not harm the others
    }
    this.#settle();
  }

  #handOverAccepted(secured: SecuredConnection, acceptor: Holdable): void {
    this.#accepted.add(secured);
    secured.accept(this.#acceptorLike(acceptor));
    this.#emit(secured);
    this.#settle();
  }

  #handOverConnected(secured: SecuredConnection, below: Connection): void {
    let open = 2;
    const onOneClosed = () => {
      if (--open === 0) this.#onBothClosed(secured);
    };
    secured.accept({
      hold: () => undefined,
      release: () => undefined,
      onConnectionClosed: ({ reason }) => {
        if (reason) this.#subscriber.error(reason);
        onOneClosed();
      },
    });
    below.closed$.subscribe(onOneClosed);
    this.#connected.set(secured, secured.closed$.subscribe());
    this.#emit(secured);
  }

  /**
   * Must not run earlier. What the secured connection has not given out yet comes before the reason of the one below, and
   * unsubscribing from `connect` closes that, which would cut off TLS's close_notify.
   */
  #onBothClosed(secured: SecuredConnection): void {
    this.#connected.delete(secured);
    if (this.#isStopped) this.#leaveSource();
    else this.#settle();
  }

  #leaveSource(): void {
    if (this.#connected.size === 0) this.#source.unsubscribe();
  }

  /** Holds the listener back when its connection would be. */
  #acceptorLike(below: Holdable): Acceptor {
    const known = this.#acceptors.get(below);
    if (known) return known;
    const acceptor: Acceptor = {
      hold: () => {
        below.hold();
      },
      release: () => {
        below.release();
      },
      onConnectionClosed: (connection) => {
        this.#accepted.delete(connection);
      },
    };
    this.#acceptors.set(below, acceptor);
    return acceptor;
  }

  #emit(secured: SecuredConnection): void {
    this.#emitting = secured;
    secured.inContext(() => {
      this.#subscriber.next(secured);
    });
    this.#emitting = null;
  }

  /** As `listen` and `connect` do: connections that are still in use stay open. */
  stop(): void {
    this.#isStopped = true;
    this.#handshakes.unsubscribe();
    for (const each of this.#accepted) {
      if (each === this.#emitting) each.handOver();
      else each.abandon();
    }
    for (const [each, use] of this.#connected) {
      use.unsubscribe();
      if (each === this.#emitting) each.handOver();
      else each.windUp();
    }
    this.#leaveSource();
  }
}
