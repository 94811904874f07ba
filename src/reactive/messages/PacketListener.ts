import { Observable, type Subscriber, Subscription } from 'rxjs';
import type { Authorizer } from '../../core/authorize';
import { NoConnectionAvailableError, SocketBusyError, SocketError } from '../../core/errors';
import { bitOf, type SocketEvent } from '../../core/events';
import type { LocalPacketServer } from '../../core/LocalPacketServer';
import type { LocalPacketSocket } from '../../core/LocalPacketSocket';
import { isAuthorized } from '../../core/refusal';
import { Claim, type Companion } from '../../core/Socket';
import { channels, publish } from '../connection/channels';
import { Context } from '../loop/Context';
import type { EventLoop } from '../loop/EventLoop';
import type { MessageEndpoint } from './MessageEndpoint';

const CONNECTION_AVAILABLE = bitOf('connectionAvailable');

/** How many clients one server may accept before others get a turn. */
const CLIENTS_PER_TURN = 64;

export interface PacketListenerSettings {
  readonly loop: EventLoop;
  readonly makeEndpoint: (socket: LocalPacketSocket) => MessageEndpoint<LocalPacketSocket>;
  readonly maxConnections: number;
  /** Says who may connect; null: everybody. */
  readonly authorize: Authorizer | null;
}

/** One subscription to the connections of a server of packets. */
export class PacketListener implements Companion {
  readonly #server: LocalPacketServer;
  readonly #settings: PacketListenerSettings;
  readonly #subscriber: Subscriber<MessageEndpoint<LocalPacketSocket>>;
  readonly #context = new Context();
  readonly #open = new Set<MessageEndpoint<LocalPacketSocket>>();
  #isClosed = false;
  /** The subscription to the server's readiness; null while nobody is accepted. */
  #watching: Subscription | null = null;

  constructor(
    server: LocalPacketServer,
    settings: PacketListenerSettings,
    subscriber: Subscriber<MessageEndpoint<LocalPacketSocket>>,
  ) {
    if (server.companion) throw new SocketBusyError('The server has a subscriber already');
    this.#server = server;
    this.#settings = settings;
    this.#subscriber = subscriber;
    server.companion = this;
    this.#update();
  }

  /** Stops accepting. Connections that are read stay open until they are not, all others are closed. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unwatch();
    this.#server.companion = null;
    for (const endpoint of [...this.#open]) endpoint.abandon();
  }

  claims(claim: Claim): boolean {
    return claim === Claim.Reading;
  }

  onSocketClosing(): void {
    this.#unwatch();
  }

  onSocketClosed(): void {
    this.close();
    this.#subscriber.complete();
  }

  onReferenceChanged(): void {
    this.#unwatch();
    this.#update();
  }

  /** While `maxConnections` are open, new clients wait in the backlog. */
  get #mayAccept(): boolean {
    return !this.#isClosed && this.#open.size < this.#settings.maxConnections;
  }

  #update(): void {
    if (this.#mayAccept === (this.#watching !== null)) return;
    if (!this.#mayAccept) {
      this.#unwatch();
      return;
    }
    const { readiness } = this.#settings.loop;
    const watching = new Subscription();
    this.#watching = watching;
    const ready$ = new Observable<readonly SocketEvent[]>((subscriber) =>
      readiness.watch(this.#server, CONNECTION_AVAILABLE, subscriber),
    );
    watching.add(
      ready$.subscribe({
        next: () => {
          this.#context.run(this.#accept);
        },
        error: (error: unknown) => {
          this.#fail(error);
        },
      }),
    );
  }

  #unwatch(): void {
    this.#watching?.unsubscribe();
    this.#watching = null;
  }

  readonly #accept = (): void => {
    for (let i = 0; i < CLIENTS_PER_TURN && this.#mayAccept; i++) {
      const socket = this.#next();
      if (!socket) break;
      this.#welcome(socket);
    }
    this.#update();
  };

  /** @returns null if nobody waits, or who does cannot be accepted now */
  #next(): LocalPacketSocket | null {
    try {
      return this.#server.acceptUnclaimed();
    } catch (error) {
      this.#onFailedAccept(error);
      return null;
    }
  }

  #welcome(socket: LocalPacketSocket): void {
    const { authorize, makeEndpoint } = this.#settings;
    const isWelcome = !authorize || isAuthorized(this.#server, authorize, socket.peerCredentials());
    // The program's `authorize` may have closed the listener.
    if (!isWelcome || this.#isClosed) {
      socket.close();
      return;
    }
    const endpoint = makeEndpoint(socket);
    this.#open.add(endpoint);
    socket.joins({
      delete: () => {
        this.#open.delete(endpoint);
        this.#update();
      },
    });
    endpoint.closeAtEnd();
    this.#subscriber.next(endpoint);
  }

  /** Usually the process has run out of descriptors: clients wait in the backlog meanwhile. */
  #onFailedAccept(error: unknown): void {
    if (error instanceof NoConnectionAvailableError) return;
    if (error instanceof SocketError && channels.fail.hasSubscribers) {
      publish(channels.fail, { syscall: 'accept', error });
    }
  }

  #fail(error: unknown): void {
    this.close();
    this.#subscriber.error(error);
  }
}
