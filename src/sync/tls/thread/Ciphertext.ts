import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * The encrypted stream, between the socket and TLS. Over a `net.Socket` itself TLS would keep the end of the encrypted
 * bytes to itself, which is needed to tell an end from a truncation.
 */
export class Ciphertext extends Duplex {
  readonly #socket: Socket;
  /** Why reading has failed, which to TLS is an end. */
  failure: Error | null = null;
  #hasEnd = false;

  /** @param head bytes that come before those of the socket */
  constructor(socket: Socket, head: Uint8Array) {
    // TLS destroys it, once it has given all that came: to be over by itself would take that away from TLS.
    super({ allowHalfOpen: true, autoDestroy: false });
    this.#socket = socket;
    if (head.length > 0) this.push(head);
    socket
      .on('data', (chunk: Buffer) => {
        if (!this.push(chunk)) socket.pause();
      })
      .on('end', () => {
        this.#end();
      })
      .on('error', (error) => {
        this.failure ??= error;
        this.#end();
      })
      .on('close', () => {
        if (!this.#hasEnd) this.destroy();
      });
  }

  #end(): void {
    this.#hasEnd = true;
    this.push(null);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
