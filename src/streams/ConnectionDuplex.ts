import { type Observable, Subscription } from 'rxjs';
import { checkBoolean, checkInteger, type OptionNames, optionsOf } from '../core/argument';
import type { Connection } from '../reactive/connection/Connection';
import { Context } from '../reactive/loop/Context';
import { Holds } from '../reactive/pacing/Holds';
import type { Sendable } from '../reactive/connection/Sendable';
import { AttachedChunks, hasDescriptors } from './AttachedChunks';
import { type Link, linkOf, send } from '../reactive/duplex/Link';
import { closedBeforeConnection } from '../reactive/duplex/netErrors';
import { type Callback, SocketDuplex } from './SocketDuplex';

/** @see toDuplex */
export interface DuplexOptions {
  /** Leaves our side writable when the peer has ended its own; false by default, as in `node:net`. */
  allowHalfOpen?: boolean;
  /** Bytes that it buffers in either direction before it exerts back-pressure; 64 KiB by default. */
  highWaterMark?: number;
}

export const DUPLEX_OPTIONS: OptionNames<DuplexOptions> = {
  allowHalfOpen: true,
  highWaterMark: true,
};

const MAX_BYTES = 2 ** 31 - 1;

/** A connection as a Node stream that behaves as a `net.Socket`. */
export class ConnectionDuplex extends SocketDuplex {
  #connecting = true;
  #link: Link | null = null;
  #attempt: Subscription | null = null;
  /** Calls that wait for the connection. */
  #whenConnected: (() => void)[] = [];
  readonly #holds = new Holds();
  readonly #subscriptions = new Subscription();
  #isReading = false;
  #isClosed = false;
  /** Bytes that were handed to the connection. */
  #handedBytes = 0;
  /** Bytes of the write in progress: the stream counts these as its own until it is done. */
  #bytesInFlight = 0;
  /** Null: no chunk has had descriptors attached. */
  #attached: AttachedChunks | null = null;

  /**
   * It is connecting until it is given a connection.
   *
   * @internal
   */
  constructor(options: DuplexOptions) {
    const { allowHalfOpen = false, highWaterMark = 65_536 } = optionsOf(
      'options',
      options,
      DUPLEX_OPTIONS,
    );
    super({
      allowHalfOpen: checkBoolean('allowHalfOpen', allowHalfOpen),
      highWaterMark: checkInteger('highWaterMark', highWaterMark, 0, MAX_BYTES),
    });
  }

  // ---- Connecting ----

  protected override get connection(): Connection | null {
    return this.#link?.connection ?? null;
  }

  override get connecting(): boolean {
    return this.#connecting;
  }

  protected override reference(isWanted: boolean): void {
    this.#link?.reading.reference(isWanted);
  }

  /**
   * Is connected by this source, once whoever makes it has listened, and fails if that does. Destroying it calls that
   * off.
   *
   * @internal
   */
  connectBy(connections: Observable<Connection>): void {
    process.nextTick(() => {
      if (!this.destroyed) this.#connectBy(connections);
    });
  }

  #connectBy(connections: Observable<Connection>): void {
    this.#attempt = connections.subscribe({
      next: (connection) => {
        this.attach(connection);
        this.tellConnected();
      },
      error: (error: Error) => {
        this.destroy(error);
      },
    });
  }

  /** Runs over this connection from now on. @internal */
  attach(connection: Connection): void {
    this.#link = linkOf(connection);
    const { reading } = this.#link;
    reading.keepHalfOpen(); // bytes written so far wait in the stream, and are still to be sent
    this.#connecting = false;
    this.#handedBytes = connection.bytesWritten + connection.queuedBytes;
    this.applySettings();
    this.touch();
    this.#subscriptions.add(
      connection.closed$.subscribe((error) => {
        this.#onClosed(error);
      }),
    );
    for (const call of this.#takeWaiting()) call();
    process.nextTick(() => {
      this.#readAhead();
    });
  }

  /**
   * Reads without being asked, up to `highWaterMark`, as a `net.Socket` does: so that a program that only writes learns
   * of the peer's end. Not at once, since an earlier reader of the connection may be about to unsubscribe.
   */
  #readAhead(): void {
    if (!this.destroyed && !this.isPaused()) this.read(0);
  }

  #takeWaiting(): (() => void)[] {
    const waiting = this.#whenConnected;
    this.#whenConnected = [];
    return waiting;
  }

  // ---- Reading ----

  /** @internal */
  override _read(): void {
    if (this.#isReading) {
      this.#holds.releaseAll();
    } else if (this.#link) {
      this.#isReading = true;
      this.#subscribe(this.#link);
    } else {
      this.#whenConnected.push(() => {
        this._read();
      });
    }
  }

  #subscribe({ connection, reading }: Link): void {
    this.#subscriptions.add(
      connection.data$.subscribe({
        next: (chunk) => {
          this.touch();
          // A lent chunk is taken back once this returns, so copy it.
          if (!this.push(reading.lends ? Buffer.from(chunk) : chunk)) this.#holds.hold(reading);
        },
        error: (error: Error) => {
          this.destroy(error);
        },
        complete: () => {
          this.#endReading();
        },
      }),
    );
  }

  /** After the last byte. Asks for more, so that the end is emitted even if nobody reads. */
  #endReading(): void {
    this.push(null);
    this.read(0);
  }

  // ---- Writing ----

  override get bytesWritten(): number {
    return this.#handedBytes + this.writableLength - this.#bytesInFlight;
  }

  /**
   * As of a `net.Socket`. Over a local connection descriptors can be attached: `{ bytes, descriptors }`. They stay yours,
   * to be closed once the callback was called.
   */
  override write(
    chunk: unknown,
    encoding?: BufferEncoding | Callback,
    callback?: Callback,
  ): boolean {
    if (!hasDescriptors(chunk)) return super.write(chunk, encoding, callback);
    return super.write((this.#attached ??= new AttachedChunks()).add(chunk), encoding, callback);
  }

  /** @internal */
  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#write([chunk], callback);
  }

  /** @internal */
  override _writev(chunks: { chunk: Buffer }[], callback: Callback): void {
    this.#write(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  #write(chunks: readonly Buffer[], callback: Callback): void {
    if (!this.#link) {
      const tooLate = () => {
        callback(closedBeforeConnection());
      };
      this.once('close', tooLate);
      this.#whenConnected.push(() => {
        this.off('close', tooLate);
        this.#write(chunks, callback);
      });
      return;
    }
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const joined = () => [chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)];
    const sendables = this.#attached?.restored(chunks) ?? joined();
    this.#handedBytes += length;
    this.#bytesInFlight = length;
    this.#send(this.#link, sendables, (error) => {
      this.#bytesInFlight = 0;
      callback(error);
    });
  }

  /** @internal */
  override _final(callback: Callback): void {
    const link = this.#link;
    if (this.#isClosed) {
      callback();
    } else if (link) {
      // An empty write is done when all writes before it are sent.
      this.#send(link, [], (error) => {
        if (error) {
          callback(error);
        } else if (this.isResetting) {
          this.destroy(); // in place of ending it
        } else {
          link.connection.end();
          callback();
        }
      });
    } else {
      this.#whenConnected.push(() => {
        this._final(callback);
      });
    }
  }

  /** Calls back in the context of the writer, as `net.Socket` does: it may differ from the connection's. */
  #send(link: Link, chunks: readonly Sendable[], callback: Callback): void {
    const context = new Context();
    this.touch();
    send(link, chunks, (failure) => {
      if (!failure) this.touch();
      if (!failure || !this.destroyed) context.run(callback, failure);
      // A net.Socket reports no error here, only later: `finished` would take it for the reason of the destruction.
      else
        setImmediate(() => {
          context.run(callback);
        });
    });
  }

  // ---- Its end ----

  #onClosed(error: Error | null): void {
    this.#isClosed = true;
    if (error) {
      this.destroy(error);
    } else {
      // The reader must still get what was read before, so do not destroy it yet.
      this.#endReading();
      this.end();
    }
  }

  /** @internal */
  override _destroy(error: Error | null, callback: Callback): void {
    this.#connecting = false;
    this.stopTimeout();
    this.#subscriptions.unsubscribe();
    this.#holds.releaseAll();
    this.#takeWaiting();
    const link = this.#link;
    link?.connection.close(error ?? undefined);
    this.#attempt?.unsubscribe(); // after the close: while the connection is open this would send what is queued
    const finish = () => {
      callback(error);
      setImmediate(() => this.emit('close', error !== null));
    };
    if (link) link.reading.inContext(finish);
    else finish();
  }
}
