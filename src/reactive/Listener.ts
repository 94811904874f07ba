import type { Subscriber } from 'rxjs';
import { socketError } from '../core/errors';
import { native, type Token } from '../core/native';
import { Claim, type Companion } from '../core/Socket';
import type { StreamServer } from '../core/StreamServer';
import type { checkTcpStreamOptions } from '../core/tcp';
import { channels } from './channels';
import type { Connection } from './Connection';
import type { ConnectionSettings } from './options';
import { Queue } from './Queue';
import { Demand, type OtherKind, RecordKind } from './records';
import { SocketConnection } from './SocketConnection';
import type { Watch, Watcher } from './Watch';

export interface ListenerSettings {
  readonly connection: ConnectionSettings;
  /** For TCP connections; null for local ones. */
  readonly tcp: ReturnType<typeof checkTcpStreamOptions> | null;
  readonly maxConnections: number;
}

/** One subscription to the connections of a server. */
export class Listener implements Watcher, Companion {
  readonly #watch: Watch;
  readonly #open = new Set<SocketConnection>();
  /** Accepted while there was no room any more: one batch can bring more than that. */
  readonly #waiting = new Queue<Token>();
  #holdsLoop = false;
  #isClosed = false;

  constructor(
    readonly server: StreamServer,
    readonly settings: ListenerSettings,
    readonly subscriber: Subscriber<Connection>,
  ) {
    server.claim(Claim.Reading);
    server.companion = this;
    this.#watch = settings.connection.loop.add(server.token, this);
    this.#watch.want(Demand.Connections);
    this.#holdLoop();
  }

  /** Stops accepting. Connections that somebody is subscribed to go on, the others are closed. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watch.close();
    this.#holdLoop();
    this.server.companion = null;
    this.server.unclaim(Claim.Reading);
    for (const token of this.#waiting.takeAll()) native.close(token);
    for (const connection of [...this.#open]) connection.abandon();
  }

  onBytes(): void {
    // A server has none.
  }

  onRecord(kind: OtherKind, value: number): void {
    if (kind === RecordKind.Connection) this.#welcome(value);
    else if (kind === RecordKind.Refusal) this.#report(value);
  }

  onSocketClosed(): void {
    this.close();
    this.subscriber.complete();
  }

  onReferenceChanged(): void {
    this.#holdLoop();
  }

  #welcome(token: Token): void {
    if (token < 0) this.#report(token);
    else if (this.#isClosed) native.close(token);
    else if (this.#isFull) this.#waiting.push(token);
    else this.#emit(token);
  }

  #emit(token: Token): void {
    const { connection, tcp } = this.settings;
    if (tcp) native.setTcpOptions(token, ...tcp);
    const accepted = new SocketConnection(
      this.server.streamOf(token),
      connection,
      this.#onConnectionClosed,
    );
    this.#open.add(accepted);
    // While there are as many as may be, whoever else comes waits in the backlog.
    if (this.#isFull) this.#watch.want(Demand.Nothing);
    this.subscriber.next(accepted);
  }

  /** One for all of them. */
  readonly #onConnectionClosed = (closed: SocketConnection): void => {
    this.#open.delete(closed);
    this.#admit();
  };

  get #isFull(): boolean {
    return this.#open.size >= this.settings.maxConnections;
  }

  /** There is room again. */
  #admit(): void {
    while (!this.#isClosed && !this.#isFull && this.#waiting.length > 0) {
      this.#emit(this.#waiting.shift()!);
    }
    if (!this.#isClosed && !this.#isFull) this.#watch.want(Demand.Connections);
  }

  /** Accepting failed, as there are no descriptors left: it is tried again, and the server lives on. */
  #report(failure: number): void {
    if (!channels.fail.hasSubscribers) return;
    const error = socketError(failure, 'accept', this.server.where);
    channels.fail.publish({ syscall: 'accept', error });
  }

  #holdLoop(): void {
    const holds = !this.#isClosed && this.server.referenced;
    if (holds === this.#holdsLoop) return;
    this.#holdsLoop = holds;
    if (holds) this.#watch.loop.hold();
    else this.#watch.loop.release();
  }
}
