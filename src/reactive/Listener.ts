import type { Subscriber } from 'rxjs';
import type { Authorizer } from '../core/authorize';
import { SocketBusyError, socketError } from '../core/errors';
import { native, type Token } from '../core/native';
import { peerCredentialsOf } from '../core/peerCredentials';
import { isAuthorized } from '../core/refusal';
import { Claim, type Companion } from '../core/Socket';
import type { StreamServer } from '../core/StreamServer';
import type { CheckedTcpStreamOptions } from '../core/tcpStreamOptions';
import { channels, publish } from './connection/channels';
import type { Connection } from './connection/Connection';
import type { SocketSettings } from './connection/options';
import type { Acceptor, Life } from './connection/Life';
import { connectionOver } from './fromSocket';
import { Context } from './loop/Context';
import { EventLoop } from './loop/EventLoop';
import { Demand, type OtherKind, RecordKind } from './loop/records';
import { Watch } from './loop/Watch';
import { Queue } from './Queue';

export interface ListenerSettings {
  readonly connection: SocketSettings;
  /** For TCP connections; null for local ones. */
  readonly tcp: CheckedTcpStreamOptions | null;
  readonly maxConnections: number;
  /** Says who may connect; null: everybody. */
  readonly authorize: Authorizer | null;
}

/** accept(2) keeps failing with this on a descriptor that does not listen. */
const FINAL: ReadonlySet<string> = new Set(['EINVAL', 'EBADF', 'ENOTSOCK', 'EOPNOTSUPP']);

/** One subscription to the connections of a server. */
export class Listener extends Watch implements Companion, Acceptor {
  readonly #open = new Set<Life>();
  /** Accepted beyond `maxConnections`: one batch can bring more connections than there is room for. */
  readonly #waiting = new Queue<Token>();
  #holds = 0;
  /** The connection that is being handed over. */
  #emitting: Life | null = null;
  #holdsProcess = false;
  #isClosed = false;
  /** Whether it is full, as last published on the diagnostics channels. */
  #isAccepting = true;

  constructor(
    readonly server: StreamServer,
    readonly settings: ListenerSettings,
    readonly subscriber: Subscriber<Connection>,
  ) {
    if (server.companion) throw new SocketBusyError('The server has a subscriber already');
    super(settings.connection.loop ?? EventLoop.default, server.token, new Context(), false);
    server.companion = this;
    this.want(Demand.Connections);
    this.#holdLoop();
    this.#tell(channels.listenerOpen);
  }

  /** Stops accepting. Connections with subscribers stay open, all others are closed. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.leave();
    this.#holdLoop();
    this.server.companion = null;
    for (const token of this.#waiting.takeAll()) native.close(token);
    for (const connection of [...this.#open]) {
      if (connection === this.#emitting) connection.handOver();
      else connection.abandon();
    }
    this.#tell(channels.listenerClose);
  }

  override onBytes(): void {
    // A server reads no bytes.
  }

  override onRecord(kind: OtherKind, value: number): void {
    if (kind === RecordKind.Connection) this.#welcome(value);
    else if (kind === RecordKind.Refusal) this.#onFailedAccept(value);
  }

  override onFailure(error: Error): void {
    this.subscriber.error(error);
  }

  claims(claim: Claim): boolean {
    return claim === Claim.Reading;
  }

  onSocketClosing(): void {
    this.leave();
  }

  onSocketClosed(): void {
    this.close();
    this.subscriber.complete();
  }

  onReferenceChanged(): void {
    this.#holdLoop();
  }

  #welcome(token: Token): void {
    if (token < 0) {
      this.#onFailedAccept(token);
      return;
    }
    const isWelcome = !this.#isClosed && this.#isAuthorized(token);
    // The program's `authorize` may have closed the listener.
    if (!isWelcome || this.#isClosed) native.close(token);
    else if (!this.#mayAccept) this.#waiting.push(token);
    else this.#emit(token);
  }

  #isAuthorized(token: Token): boolean {
    const { authorize } = this.settings;
    return !authorize || isAuthorized(this.server, authorize, peerCredentialsOf(token));
  }

  #emit(token: Token): void {
    const { connection, tcp } = this.settings;
    if (tcp) native.setTcpOptions(token, ...tcp);
    const context = new Context();
    const accepted = connectionOver(this.server.streamOf(token), connection, context);
    this.#open.add(accepted);
    accepted.accept(this);
    // While `maxConnections` are open, new clients wait in the backlog.
    if (!this.#mayAccept) this.#setAccepting(false);
    this.#emitting = accepted;
    context.run(emit, this.subscriber, accepted);
    this.#emitting = null;
  }

  onConnectionClosed(closed: Life): void {
    this.#open.delete(closed);
    this.#admit();
  }

  hold(): void {
    this.#holds++;
    if (!this.#isClosed) this.#setAccepting(false);
  }

  release(): void {
    this.#holds--;
    this.#admit();
  }

  get #mayAccept(): boolean {
    return this.#holds === 0 && this.#open.size < this.settings.maxConnections;
  }

  /**
   * Runs in the listener's context: the code that closed a connection or released the listener has nothing to do with
   * the connection that is admitted now.
   */
  #admit(): void {
    if (!this.#isClosed && this.#mayAccept) this.context.run(this.#admitWaiting);
  }

  readonly #admitWaiting = (): void => {
    while (!this.#isClosed && this.#mayAccept && this.#waiting.length > 0) {
      this.#emit(this.#waiting.shift()!);
    }
    if (!this.#isClosed && this.#mayAccept) this.#setAccepting(true);
  };

  #setAccepting(isAccepting: boolean): void {
    this.want(isAccepting ? Demand.Connections : Demand.Nothing);
    if (isAccepting === this.#isAccepting) return;
    this.#isAccepting = isAccepting;
    this.#tell(isAccepting ? channels.listenerRoom : channels.listenerFull);
  }

  /** Publishes on the diagnostics channels. */
  #tell(channel: (typeof channels)['listenerOpen']): void {
    if (!channel.hasSubscribers) return;
    publish(channel, { server: this.server, connections: this.#open.size });
  }

  /**
   * Accepting failed. Usually the process has run out of descriptors: the listener tries again later and stays alive.
   * It ends only if the server no longer listens because another process has shut it down.
   */
  #onFailedAccept(failure: number): void {
    const error = socketError(failure, 'accept', this.server.where);
    if (channels.fail.hasSubscribers) publish(channels.fail, { syscall: 'accept', error });
    if (this.#isClosed || !FINAL.has(error.code)) return;
    this.close();
    this.subscriber.error(error);
  }

  #holdLoop(): void {
    const holds = !this.#isClosed && this.server.referenced;
    if (holds === this.#holdsProcess) return;
    this.#holdsProcess = holds;
    if (holds) this.loop.holdProcess();
    else this.loop.releaseProcess();
  }
}

function emit(subscriber: Subscriber<Connection>, accepted: Connection): void {
  subscriber.next(accepted);
}
