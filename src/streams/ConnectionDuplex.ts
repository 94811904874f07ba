import { Duplex } from 'node:stream';
import { Subscription } from 'rxjs';
import {
  checkBoolean,
  checkInteger,
  checkTimeout,
  type OptionNames,
  optionsOf,
} from '../core/argument';
import { orThrow } from '../core/errors';
import { native } from '../core/native';
import { TcpStream } from '../core/TcpStream';
import type { Connection } from '../reactive/connection/Connection';
import { type Reading, readingOf } from '../reactive/connection/Reading';
import { Context } from '../reactive/loop/Context';
import { Holds } from '../reactive/pacing/Holds';

/** @see toDuplex */
export interface DuplexOptions {
  /** Leaves our side writable when the peer has ended its own; false by default, as in `node:net`. */
  allowHalfOpen?: boolean;
  /** Bytes that it keeps of what was read, or is to be written, before it holds back; 64 KiB by default. */
  highWaterMark?: number;
}

const DUPLEX_OPTIONS: OptionNames<DuplexOptions> = { allowHalfOpen: true, highWaterMark: true };

type Callback = (error?: Error | null) => void;

const MAX_BYTES = 2 ** 31 - 1;

/** A connection as a Node stream, with what its users touch of a `net.Socket`. */
export class ConnectionDuplex extends Duplex {
  /** False: it is connected. */
  readonly connecting = false;
  /** What `setTimeout` was given last, in milliseconds; 0: no timeout. */
  timeout = 0;

  readonly #connection: Connection;
  readonly #reading: Reading;
  readonly #holds = new Holds();
  readonly #subscriptions = new Subscription();
  #isReading = false;
  #isClosed = false;
  #noDelay = true;
  #keepAlive = false;
  #keepAliveSeconds = 0;
  #idle: NodeJS.Timeout | null = null;

  /** @internal */
  constructor(connection: Connection, options: DuplexOptions) {
    const { allowHalfOpen = false, highWaterMark = 65_536 } = optionsOf(
      'options',
      options,
      DUPLEX_OPTIONS,
    );
    super({
      allowHalfOpen: checkBoolean('allowHalfOpen', allowHalfOpen),
      highWaterMark: checkInteger('highWaterMark', highWaterMark, 0, MAX_BYTES),
    });
    this.#reading = readingOf('connection', connection);
    this.#reading.keepHalfOpen(); // what is written already, and waits in the stream, is still to be sent
    this.#connection = connection;
    this.#subscriptions.add(
      connection.closed$.subscribe((error) => {
        this.#onClosed(error);
      }),
    );
  }

  /** The numeric address of the peer; undefined over a local socket. */
  get remoteAddress(): string | undefined {
    return this.#tcp?.remoteAddress;
  }

  /** The port of the peer; undefined over a local socket. */
  get remotePort(): number | undefined {
    return this.#tcp?.remotePort;
  }

  /** The numeric address of this end; undefined over a local socket, and once closed. */
  get localAddress(): string | undefined {
    return this.#tcp?.localAddress;
  }

  /** The port of this end; undefined over a local socket, and once closed. */
  get localPort(): number | undefined {
    return this.#tcp?.localPort;
  }

  get #tcp(): TcpStream | null {
    const { socket } = this.#connection;
    return socket instanceof TcpStream ? socket : null;
  }

  /** Whether small writes go out at once, which they do by default. Does nothing over a local socket. */
  setNoDelay(noDelay = true): this {
    this.#noDelay = noDelay;
    return this.#applyTcpOptions();
  }

  /**
   * Whether the system probes an idle connection, after so many milliseconds (0: the system's choice). Does nothing
   * over a local socket.
   */
  setKeepAlive(enable = false, initialDelay = 0): this {
    this.#keepAlive = enable;
    this.#keepAliveSeconds = Math.ceil(checkTimeout('initialDelay', initialDelay) / 1000);
    return this.#applyTcpOptions();
  }

  #applyTcpOptions(): this {
    const tcp = this.#tcp;
    if (tcp && !tcp.closed) {
      const { token } = tcp;
      const seconds = this.#keepAliveSeconds;
      orThrow(
        native.setTcpOptions(token, this.#noDelay, this.#keepAlive, seconds, 0),
        'setsockopt',
      );
    }
    return this;
  }

  /** Emits `'timeout'`, and does no more, after so many milliseconds in which nothing was read or written; 0: never. */
  setTimeout(milliseconds: number, callback?: () => void): this {
    this.timeout = checkTimeout('milliseconds', milliseconds);
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle =
      milliseconds === 0 || this.destroyed
        ? null
        : setTimeout(() => this.emit('timeout'), milliseconds).unref();
    if (callback && milliseconds === 0) this.removeListener('timeout', callback);
    else if (callback) this.once('timeout', callback);
    return this;
  }

  /** Lets it keep the process alive while it is open, which is so unless `unref()` was called. */
  ref(): this {
    this.#connection.socket.ref();
    return this;
  }

  /** Lets the process exit while it is open. */
  unref(): this {
    this.#connection.socket.unref();
    return this;
  }

  /** Ends it and, once all is sent, destroys it, whatever the peer may still send. */
  destroySoon(): void {
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  // ---- Reading ----

  /** @internal */
  override _read(): void {
    if (this.#isReading) {
      this.#holds.releaseAll();
      return;
    }
    this.#isReading = true;
    this.#subscriptions.add(
      this.#connection.data$.subscribe({
        next: (chunk) => {
          this.#idle?.refresh();
          // A lent chunk is somebody else's once this returns.
          if (!this.push(this.#reading.lends ? Buffer.from(chunk) : chunk))
            this.#holds.hold(this.#reading);
        },
        error: (error: Error) => {
          this.destroy(error);
        },
        complete: () => {
          this.push(null);
        },
      }),
    );
  }

  // ---- Writing ----

  /** @internal */
  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#send([chunk], callback);
  }

  /** @internal */
  override _writev(chunks: { chunk: Buffer }[], callback: Callback): void {
    this.#send([Buffer.concat(chunks.map(({ chunk }) => chunk))], callback);
  }

  /** @internal */
  override _final(callback: Callback): void {
    if (this.#isClosed) {
      callback();
      return;
    }
    // Sending nothing is done when all before it is sent.
    this.#send([], (error) => {
      if (!error) this.#connection.end();
      callback(error);
    });
  }

  /** Calls back in the context of the writer, as `net.Socket` does: it may not be that of the connection. */
  #send(chunks: Buffer[], callback: Callback): void {
    const context = new Context();
    this.#idle?.refresh();
    this.#connection.send(chunks).subscribe({
      error: (error: Error) => {
        context.run(callback, error);
      },
      complete: () => {
        this.#idle?.refresh();
        context.run(callback);
      },
    });
  }

  // ---- Its end ----

  #onClosed(error: Error | null): void {
    this.#isClosed = true;
    if (error) {
      this.destroy(error);
    } else {
      // What was read before is still the reader's, so it is not destroyed yet.
      this.push(null);
      this.end();
    }
  }

  /** @internal */
  override _destroy(error: Error | null, callback: Callback): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#subscriptions.unsubscribe();
    this.#holds.releaseAll();
    this.#connection.close(error ?? undefined);
    this.#reading.inContext(() => {
      callback(error);
    });
  }
}
