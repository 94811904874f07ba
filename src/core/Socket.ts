import type { InspectOptionsStylized } from 'node:util';
import { invalidThis } from './argument';
import { errorOfCode, SocketBusyError, SocketClosedError } from './errors';
import { INSPECT, shown } from './inspection';
import { native, type Token } from './native';
import { SocketUnread } from './SocketUnread';
import type { Unread } from './Unread';
import { BELONGS_TO_ITS_THREAD } from './unclonable';

/** A socket that is garbage-collected while open is closed, with a warning: the program has forgotten to close it. */
const forgotten = new FinalizationRegistry<{ token: Token; what: string }>(({ token, what }) => {
  native.close(token);
  process.emitWarning(`A ${what} was garbage collected without having been closed`, {
    code: 'BIPOLL_UNCLOSED_SOCKET',
    detail: 'Call close(), or declare it with `using`, when you are done with it.',
  });
});

/** What an Observable can claim of a socket. Meanwhile calls of the blocking style are refused. */
export enum Claim {
  Reading,
  Writing,
}

/** The reactive side of a socket. */
export interface Companion {
  /** Whether an Observable has this claim now. */
  claims(claim: Claim): boolean;
  /** The socket is about to be closed. */
  onSocketClosing(): void;
  /** The socket was closed. */
  onSocketClosed(): void;
  /** `ref()` or `unref()` was called. */
  onReferenceChanged(): void;
}

/** A collection that a socket is removed from when it closes. */
export interface Members {
  delete(token: Token): void;
}

/** Anything that can be waited for: servers, streams, descriptors from elsewhere; timers, children and signals. */
export abstract class Socket {
  /** @internal */
  readonly thread = BELONGS_TO_ITS_THREAD;

  /** The events that a socket of this class can have. @internal */
  abstract readonly possibleEvents: number;

  #token: Token;
  #referenced = true;
  #memberships: Set<Members> | null = null;
  /** Bytes that a verb has read from the kernel and not consumed: the next read returns them first. */
  #unread: SocketUnread | null = null;

  /** @internal */
  companion: Companion | null = null;

  /** @internal */
  constructor(token: Token, what: string) {
    this.#token = token;
    forgotten.register(this, { token, what }, this);
  }

  /** Names the open socket to the engine. @internal */
  get token(): Token {
    this.checkOpen();
    return this.#token;
  }

  /** @internal */
  protected checkOpen(): void {
    if (this.closed) throw new SocketClosedError('The socket is closed');
  }

  /** Refuses a Proxy of a socket, which the engine does not know. @internal */
  protected checkReceiver(): void {
    if (!(#token in this)) throw invalidThis('a Socket, and not a Proxy of one');
  }

  /**
   * What reading throws at the end of the stream, if that came from a failure which the system does not know of: a stream
   * that another thread carries knows it.
   *
   * @internal
   */
  get endError(): Error | null {
    return null;
  }

  /** Why a call on it has failed, if it knows better than the system. @internal */
  causeOf(error: Error): Error {
    return error;
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    this.checkReceiver();
    return this.#token === 0;
  }

  /** The descriptor, -1 where there is none or the socket is closed. */
  get fd(): number {
    return this.closed ? -1 : native.fd(this.#token);
  }

  /**
   * Closes it, and takes it out of every poller that monitors it. Closing twice does nothing.
   * A connection that is closed with unread data is reset, as with any socket.
   */
  close(): void {
    if (this.closed) return;
    this.#end((token) => {
      this.endInEngine(token);
    });
  }

  /** What `close()` does with the descriptor. @internal */
  protected endInEngine(token: Token): void {
    native.close(token);
  }

  /**
   * Gives the descriptor to the caller, who is to close it, and closes the socket without it: for another thread that
   * adopts it, a child process that inherits it, or a library that takes one. Whatever was done to the socket stays: it
   * does not block, and is closed by `exec`. The socket file of a local server stays as well.
   *
   * @returns the descriptor, an open one
   * @throws SocketBusyError an Observable reads from the socket or accepts for it, or has bytes queued; or a verb has
   *   read bytes that nobody has taken yet, which would be lost
   * @throws SocketClosedError it has none any more
   * @throws SocketError `ENOTSUP`: it has none to give, as a named pipe of Windows, a timer, a child or a source of signals
   *
   * @example
   * const connection = server.accept();
   * worker.postMessage(connection.detach()); // the worker calls adopt(fd, 'tcp')
   */
  detach(): number {
    const { token } = this;
    this.checkUnclaimed(Claim.Reading);
    this.checkUnclaimed(Claim.Writing);
    this.checkNothingUnread();
    if (native.fd(token) < 0) throw errorOfCode('ENOTSUP', 'detach');
    return this.#end((ended) => native.detach(ended));
  }

  /** Takes it out of all that knows it, between which the engine ends it. */
  #end<Result>(endInEngine: (token: Token) => Result): Result {
    this.companion?.onSocketClosing();
    const token = this.#token;
    this.#token = 0;
    forgotten.unregister(this);
    this.#unread?.discard();
    this.#unread = null;
    const result = endInEngine(token);
    for (const members of this.#memberships ?? []) members.delete(token);
    this.#memberships = null;
    const { companion } = this;
    this.companion = null;
    companion?.onSocketClosed();
    return result;
  }

  /** Refuses a call that would take bytes away from an Observable, or mix others with its own. @internal */
  checkUnclaimed(claim: Claim): void {
    if (!this.companion?.claims(claim)) return;
    throw new SocketBusyError(
      claim === Claim.Reading
        ? 'The socket is being read from by an Observable: unsubscribe from it first'
        : 'An Observable has bytes queued for the socket, which go first',
    );
  }

  /** Refuses to give the descriptor away while bytes that came by it are here, which would be lost. @internal */
  checkNothingUnread(): void {
    this.#unread?.checkNone();
    if (!native.recall(this.token)) return;
    throw new SocketBusyError(
      'An event loop has received bytes of the socket ahead, which nobody has taken: read them first',
    );
  }

  // ---- Bytes that were read ahead, of what carries a stream of bytes ----

  /**
   * Bytes read from the kernel and not consumed, which come before all others. Call {@link unreadChanged} after changing
   * them, before other code can run. A closed socket is refused.
   *
   * @internal
   */
  get unread(): Unread {
    this.checkOpen();
    return (this.#unread ??= new SocketUnread());
  }

  /** Lets the engine know whether there are unread bytes, so that the socket counts as readable. @internal */
  unreadChanged(): void {
    if (!this.closed) this.#unread?.note(this.#token);
  }

  /** The number of unread bytes; undefined if there are none. @internal */
  protected get unreadBytes(): number | undefined {
    return this.#unread?.length || undefined;
  }

  /** Moves unread bytes, of which there must be some, to a buffer. @returns how many @internal */
  protected readUnread(buffer: Uint8Array, start: number, end: number, peek: boolean): number {
    this.checkOpen();
    const count = this.#unread?.readInto(buffer, start, end, peek) ?? 0;
    this.unreadChanged();
    return count;
  }

  /** Remembers a poller's members, so that `close()` removes the socket from them. @internal */
  joins(members: Members): void {
    this.checkReceiver();
    (this.#memberships ??= new Set()).add(members);
  }

  /** The socket is no longer in that poller. @internal */
  leaves(members: Members): void {
    this.checkReceiver();
    this.#memberships?.delete(members);
  }

  /** As `close()`, for `using socket = ...`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Whether an Observable of this socket, while subscribed, keeps the process alive. @internal */
  get referenced(): boolean {
    this.checkReceiver();
    return this.#referenced;
  }

  /**
   * Lets Observables of this socket keep the process alive while they are subscribed, which is so unless
   * `unref()` was called. A socket that nothing subscribes to keeps nothing alive either way.
   */
  ref(): this {
    this.checkReceiver();
    this.#referenced = true;
    this.companion?.onReferenceChanged();
    return this;
  }

  /** Lets the process exit while Observables of this socket are subscribed. */
  unref(): this {
    this.checkReceiver();
    this.#referenced = false;
    this.companion?.onReferenceChanged();
    return this;
  }

  /** What `console.log` shows besides the descriptor. Must not fail, even for a closed socket. @internal */
  protected abstract description(): Readonly<Record<string, unknown>>;

  /** @internal */
  [INSPECT](depth: number, options: InspectOptionsStylized): string {
    const { name } = this.constructor;
    if (!(#token in this)) return options.stylize(`[Proxy of ${name}]`, 'special');
    const { fd } = this;
    return shown(name, { ...this.description(), fd: fd < 0 ? undefined : fd }, depth, options);
  }

  /** Whether an event holds now. @internal */
  protected holds(event: number): boolean {
    return native.holds(this.token, event) !== 0;
  }
}
