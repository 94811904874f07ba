import { Duplex } from 'node:stream';
import type { Subscription } from 'rxjs';
import type { Connection } from '../connection/Connection';
import { type Link, linkOf, send } from '../duplex/Link';

type Done = (error?: Error | null) => void;

/**
 * A connection as the stream of encrypted bytes that Node's TLS runs over. It has what TLS uses of a stream and no more:
 * `toDuplex` would add a `net.Socket`'s properties, and what they cost.
 */
export class Ciphertext extends Duplex {
  readonly #link: Link;
  #reading: Subscription | null = null;
  #isHeld = false;
  #failure: Error | null = null;

  /** @throws TypeError `ERR_INVALID_ARG_TYPE` */
  constructor(connection: Connection) {
    super({ allowHalfOpen: true });
    this.#link = linkOf(connection);
    this.#link.reading.keepHalfOpen(); // TLS ends our side itself, by a close_notify
    connection.closed$.subscribe((error) => {
      this.#onClosed(error);
    });
  }

  // ---- Reading ----

  override _read(): void {
    const { reading, connection } = this.#link;
    if (this.#isHeld) {
      this.#isHeld = false;
      reading.release();
    }
    this.#reading ??= connection.data$.subscribe({
      next: (chunk) => {
        this.#onBytes(chunk);
      },
      error: (error: Error) => {
        this.#endBy(error);
      },
      complete: () => {
        this.push(null);
      },
    });
  }

  /** Why its end is none; null: it is one. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** TLS must still get what was read before, so it is not destroyed before its end. */
  #endBy(failure: Error): void {
    this.#failure ??= failure;
    if (this.readableEnded) this.destroy(failure);
    else this.push(null);
  }

  #onBytes(chunk: Buffer): void {
    const { reading } = this.#link;
    // A lent chunk is taken back once this returns, so copy it.
    if (this.push(reading.lends ? Buffer.from(chunk) : chunk) || this.#isHeld) return;
    this.#isHeld = true;
    reading.hold();
  }

  // ---- Writing ----

  override _write(chunk: Buffer, _: BufferEncoding, done: Done): void {
    send(this.#link, [chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    send(this.#link, [Buffer.concat(chunks.map(({ chunk }) => chunk))], done);
  }

  override _final(done: Done): void {
    if (this.#link.reading.reason === undefined) this.#link.connection.end();
    done();
  }

  // ---- Its end ----

  /** Closes the connection once the peer has got what was written, and has left. */
  takeLeave(): void {
    const { reading } = this.#link;
    this.#reading?.unsubscribe();
    if (this.#isHeld) reading.release();
    this.#isHeld = false;
    reading.linger();
  }

  #onClosed(error: Error | null): void {
    if (this.destroyed) return; // it has closed the connection itself
    if (error) {
      this.#endBy(error);
    } else {
      this.push(null);
      this.end();
    }
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#reading?.unsubscribe();
    if (this.#isHeld) this.#link.reading.release();
    this.#link.connection.close(error ?? undefined);
    done(error);
  }

  /** Whether the connection may keep the process alive. */
  reference(isWanted: boolean): void {
    this.#link.reading.reference(isWanted);
  }
}
