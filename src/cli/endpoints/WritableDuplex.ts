import { Duplex, type Writable } from 'node:stream';

/**
 * A stream that can only be written to, as a Duplex. Its end leaves that stream open, as stdout is, until the process ends;
 * a `Duplex.from` of it would fail with an AbortError if it was closed before all is written.
 */
export class WritableDuplex extends Duplex {
  readonly #stream: Writable;

  constructor(stream: Writable) {
    super();
    this.#stream = stream;
    stream.on('error', (error) => this.destroy(error));
    this.push(null);
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      this.#stream.write(chunk, done);
    } catch (error) {
      done(error as Error); // a file is written to at once, and throws what that fails with
    }
  }

  override _read(): void {
    // There is nothing to read.
  }
}
