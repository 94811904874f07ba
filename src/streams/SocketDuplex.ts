import { Duplex, type DuplexOptions } from 'node:stream';
import { checkTimeout, outOfRange } from '../core/argument';
import type { StreamSocket } from '../core/StreamSocket';
import { TcpStream } from '../core/TcpStream';
import type { TcpStreamOptions } from '../core/tcpStreamOptions';
import type { Connection } from '../reactive/connection/Connection';
import { endedByPeer, invalidHandleType, socketClosed } from '../reactive/duplex/netErrors';
import { Stillness } from './Stillness';

export type Callback = (error?: Error | null) => void;

/** One end of a connection, as `net.Socket` names it. Empty over a local socket, and when there is none. */
export interface SocketAddress {
  address?: string;
  family?: 'IPv4' | 'IPv6';
  port?: number;
}

/** The longest time that Linux lets pass before it probes an idle connection. */
const MAX_KEEP_ALIVE_SECONDS = 32_767;

/** The properties and settings of a `net.Socket`: everything but the bytes and the end. */
export abstract class SocketDuplex extends Duplex {
  /** The last argument of `setTimeout`, in milliseconds; 0: no timeout; undefined: it was never called. */
  timeout: number | undefined = undefined;

  /** Whether to end by a reset. */
  protected isResetting = false;

  #isReferenced = true;
  /** Those that were set. */
  #tcpOptions: TcpStreamOptions = {};
  #stillness: Stillness | null = null;

  /** @internal */
  constructor(options: DuplexOptions) {
    // A net.Socket passes to 'close' whether it failed.
    super({ ...options, emitClose: false });
    this.once('end', () => {
      this.#endLater();
    });
  }

  /**
   * Ends our side one turn after the peer's, and not at once: TLS over it sends its last record when it learns of the
   * end, and a net.Socket would still take that. Meanwhile it says that it is not writable, as a net.Socket does that
   * has ended: a `for await` over it destroys it when it is done, with an error if it is writable still.
   */
  #endLater(): void {
    if (this.allowHalfOpen) return;
    this.allowHalfOpen = true;
    process.nextTick(() => {
      if (!this.writable) return;
      Object.defineProperty(this, 'writable', { value: false, configurable: true });
      setImmediate(() => {
        if (!this.destroyed) this.end();
      });
    });
    setImmediate(() => {
      this.allowHalfOpen = false;
    });
  }

  // ---- Its state ----

  /** Null: there is none yet, or never was. It is kept after closing. */
  protected abstract get connection(): Connection | null;

  /** Whether it is still connecting. */
  abstract get connecting(): boolean;

  /** How many bytes were written to it, including those that it still buffers. */
  abstract get bytesWritten(): number;

  /** Whether nothing can be sent at once: it is not connected yet, or destroyed. */
  get pending(): boolean {
    return this.connecting || this.connection === null || this.destroyed;
  }

  /** `opening` while connecting, then which directions are open. */
  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** How many bytes were read from the peer, including those that it still buffers. */
  get bytesRead(): number {
    return this.connection?.bytesRead ?? 0;
  }

  /**
   * For drivers that call `connect()` on the stream they are given: it is connected already, or connecting to its own
   * target, so the arguments are ignored. A function as the last argument listens to `'connect'`, which is emitted in
   * any case.
   */
  connect(...args: readonly unknown[]): this {
    const listener = args.at(-1);
    if (typeof listener === 'function') this.once('connect', listener as () => void);
    if (!this.connecting) {
      process.nextTick(() => {
        this.tellConnected();
      });
    }
    return this;
  }

  /** In the form of a net.Socket. */
  protected tellConnected(): void {
    if (this.destroyed) return;
    this.emit('connect');
    this.emit('ready');
  }

  // ---- Its ends ----

  /** The numeric address of the peer, also after it has left; undefined over a local socket. */
  get remoteAddress(): string | undefined {
    return this.connection?.remoteAddress;
  }

  /** `IPv4` or `IPv6`; undefined over a local socket. */
  get remoteFamily(): 'IPv4' | 'IPv6' | undefined {
    return familyOf(this.remoteAddress);
  }

  /** The port of the peer, also after it has left; undefined over a local socket. */
  get remotePort(): number | undefined {
    return this.connection?.remotePort;
  }

  /** The numeric address of this end; undefined over a local socket, and once closed. */
  get localAddress(): string | undefined {
    return this.connection?.localAddress;
  }

  /** `IPv4` or `IPv6`; undefined over a local socket, and once closed. */
  get localFamily(): 'IPv4' | 'IPv6' | undefined {
    return familyOf(this.localAddress);
  }

  /** The port of this end; undefined over a local socket, and once closed. */
  get localPort(): number | undefined {
    return this.connection?.localPort;
  }

  /** Address, family and port of this end; an empty object over a local socket, and once closed. */
  address(): SocketAddress {
    const { localAddress: address, localFamily: family, localPort: port } = this;
    if (address === undefined || family === undefined || port === undefined) return {};
    return { address, family, port };
  }

  // ---- Its settings ----

  /** Whether small writes go out at once, which they do by default. Does nothing over a local socket. */
  setNoDelay(noDelay = true): this {
    return this.#changeTcpOptions({ noDelay });
  }

  /**
   * Whether the system probes an idle connection, after so many milliseconds (0: the system's choice). Does nothing
   * over a local socket. As with a `net.Socket` the time may be text, and what is no time is the system's choice.
   */
  setKeepAlive(enable = false, initialDelay: number | string = 0): this {
    const seconds = Math.ceil(Number(initialDelay) / 1000) || 0;
    const idle = seconds > 0 ? Math.min(seconds, MAX_KEEP_ALIVE_SECONDS) * 1000 : true;
    return this.#changeTcpOptions({ keepAlive: enable ? idle : false });
  }

  #changeTcpOptions(options: TcpStreamOptions): this {
    this.#tcpOptions = { ...this.#tcpOptions, ...options };
    this.#applyTcpOptions();
    return this;
  }

  #applyTcpOptions(): void {
    const socket = this.socket;
    if (socket instanceof TcpStream && !socket.closed) socket.setOptions(this.#tcpOptions);
  }

  /** Null while there is none, and of a connection that runs over something else. */
  protected get socket(): StreamSocket | null {
    try {
      return this.connection?.socket ?? null;
    } catch {
      return null; // a virtual connection, or one over a Duplex
    }
  }

  /** Whether its connection, if there is one, may keep the process alive. */
  protected abstract reference(isWanted: boolean): void;

  /** Lets it keep the process alive while it is open, which is so unless `unref()` was called. */
  ref(): this {
    this.#isReferenced = true;
    this.reference(true);
    return this;
  }

  /** Lets the process exit while it is open. Connecting keeps the process alive all the same. */
  unref(): this {
    this.#isReferenced = false;
    this.reference(false);
    return this;
  }

  /** It is connected now: applies the settings made before. */
  protected applySettings(): void {
    if (!this.#isReferenced) this.unref();
    this.#applyTcpOptions();
  }

  // ---- Its timeout ----

  /**
   * Only emits `'timeout'`, after so many milliseconds in which no byte was read and the system took no written byte;
   * 0: never.
   */
  setTimeout(milliseconds: number, callback?: () => void): this {
    if (milliseconds === Infinity) throw outOfRange('milliseconds', 'finite', milliseconds);
    this.timeout = checkTimeout('milliseconds', milliseconds);
    this.#stillness?.stop();
    this.#stillness =
      milliseconds === 0 || this.destroyed
        ? null
        : new Stillness(milliseconds, this, () => this.emit('timeout'));
    if (callback && milliseconds === 0) this.removeListener('timeout', callback);
    else if (callback) this.once('timeout', callback);
    return this;
  }

  /** @internal */
  get movedBytes(): number {
    return this.bytesRead + (this.connection?.bytesWritten ?? 0);
  }

  /** A byte has moved: restarts the time of `setTimeout`. */
  protected touch(): void {
    this.#stillness?.touch();
  }

  /** Once destroyed it no longer times out. */
  protected stopTimeout(): void {
    this.#stillness?.stop();
  }

  // ---- Its end ----

  /** As for any stream, but a write after the peer's end fails with `EPIPE`, as for a `net.Socket`. */
  override write(
    chunk: unknown,
    encoding?: BufferEncoding | Callback,
    callback?: Callback,
  ): boolean {
    if (!this.#isEndedByPeer) return super.write(chunk, encoding as BufferEncoding, callback);
    const done = typeof encoding === 'function' ? encoding : callback;
    const error = endedByPeer();
    if (done) process.nextTick(done, error);
    this.destroy(error);
    return false;
  }

  get #isEndedByPeer(): boolean {
    return this.readableEnded && this.writableEnded && !this.allowHalfOpen;
  }

  /** Ends it and, once all is sent, destroys it, whatever the peer may still send. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /**
   * Sends what was written, then resets the connection instead of ending it: the peer gets `ECONNRESET`. While
   * connecting, it does so once connected. Does nothing if it is destroyed.
   *
   * @throws TypeError `ERR_INVALID_HANDLE_TYPE` it is no TCP connection
   */
  resetAndDestroy(): this {
    if (this.connecting) return this.once('connect', () => this.resetAndDestroy());
    const socket = this.socket;
    if (this.destroyed || socket?.closed === true) return this.destroy(socketClosed());
    if (!(socket instanceof TcpStream)) throw invalidHandleType();
    socket.resetOnClose();
    this.isResetting = true;
    this.destroySoon();
    return this;
  }
}

function familyOf(address: string | undefined): 'IPv4' | 'IPv6' | undefined {
  if (address === undefined) return undefined;
  return address.includes(':') ? 'IPv6' : 'IPv4';
}
