import { NoConnectionAvailableError, socketError, type Where } from './errors';
import { bitOf, SERVER_EVENTS } from './events';
import { native, type Token } from './native';
import { Claim, Socket } from './Socket';

const CONNECTION_AVAILABLE = bitOf('connectionAvailable');

/** A listening socket. Closing it leaves the connections that it has accepted open. */
export abstract class Server extends Socket {
  override readonly possibleEvents = SERVER_EVENTS;
  #name = '';

  /** Where it listens, for errors. @internal */
  abstract readonly where: Where;

  /** What the service manager calls it, if it is of {@link inheritedServers}; otherwise ''. */
  get name(): string {
    return this.#name;
  }

  /** @internal */
  setName(name: string): void {
    this.#name = name;
  }

  /**
   * The next connection that is waiting.
   *
   * @throws NoConnectionAvailableError if nobody is waiting
   * @throws SocketError `EMFILE` and the like. The connection stays in the backlog, and pollers ignore the server for
   *   50 ms, so that a poll loop does not spin
   */
  abstract accept(): Socket;

  /** Whether a connection is waiting. */
  connectionAvailable(): boolean {
    return this.holds(CONNECTION_AVAILABLE);
  }

  /** For inspection. @internal */
  protected get state(): string {
    if (this.closed) return 'closed';
    return this.connectionAvailable() ? 'connection available' : 'listening';
  }

  /** @internal */
  protected acceptToken(): Token {
    this.checkUnclaimed(Claim.Reading);
    return this.nextToken();
  }

  /** The same, whoever has the server. @internal */
  protected nextToken(): Token {
    const token = native.accept(this.token);
    if (token >= 0) return token;
    const error = socketError(token, 'accept', this.where);
    if (error.code !== 'EAGAIN') throw error;
    throw new NoConnectionAvailableError(
      'accept EAGAIN: no connection is waiting',
      error.code,
      error.errno,
      { syscall: 'accept', ...this.where },
    );
  }
}
