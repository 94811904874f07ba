import type { Duplex } from 'node:stream';
import { errorOfCode } from '../../core/errors';
import { hasNothingStaged, hasStaged, type Stager } from '../../core/staged';
import type { Chunk, TransportEvents } from '../connection/Transport';
import type { Context } from '../loop/Context';
import { Pieces } from './Pieces';

/**
 * - `open`: more may be sent
 * - `ending`: our end comes behind what is queued
 * - `over`: our end is told, or sending has failed, or nobody wants to hear of it any more
 */
type State = 'open' | 'ending' | 'over';

const resolved = Promise.resolve();

/** What the writer reports to. */
export type WriterEvents = Pick<TransportEvents, 'onSent' | 'onSendFailed' | 'onEnded'>;

/** Writes to a stream, one write at a time; what is sent meanwhile is queued here. */
export class DuplexWriter implements Stager {
  queuedBytes = 0;
  readonly #duplex: Duplex;
  readonly #context: Context;
  readonly #events: WriterEvents;
  readonly #pieces = new Pieces();
  #state: State = 'open';
  #isStaged = false;
  /** How many bytes are being written; 0 if none are. */
  #bytesInFlight = 0;
  // Made once, since there is a call of each for every write.
  readonly #sendStaged = () => {
    this.sendStaged();
  };
  readonly #onWritten = (error: Error | null | undefined) => {
    this.#context.run(this.#afterWrite, error);
  };

  constructor(duplex: Duplex, context: Context, events: WriterEvents) {
    this.#duplex = duplex;
    this.#context = context;
    this.#events = events;
  }

  send(chunk: Chunk): void {
    const bytes = Buffer.from(chunk as Uint8Array); // a copy, as the caller may use its memory again
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.queuedBytes += bytes.length;
    this.#stage();
  }

  end(): void {
    this.#state = 'ending';
    this.#stage();
  }

  /** Writes behind the current work, so that small chunks of one turn go out together. */
  #stage(): void {
    if (this.#isStaged || this.#bytesInFlight > 0) return;
    this.#isStaged = true;
    hasStaged(this);
    void resolved.then(this.#sendStaged);
  }

  sendStaged(): void {
    if (!this.#isStaged) return;
    this.#unstage();
    this.#context.run(this.#write);
  }

  #unstage(): void {
    this.#isStaged = false;
    hasNothingStaged(this);
  }

  readonly #write = (): void => {
    if (this.#state === 'over' || this.#bytesInFlight > 0) return;
    const { writable, destroyed } = this.#duplex;
    if (destroyed) return; // its 'close' tells why
    if (this.queuedBytes > 0) {
      if (writable) this.#writePiece(this.#pieces.next()!);
      else this.fail(errorOfCode('EPIPE', 'write'));
    } else if (this.#state === 'ending') {
      if (writable) this.#duplex.end();
      else this.#tellEnded(false); // somebody else has ended it
    }
  };

  #writePiece(piece: Buffer): void {
    this.#bytesInFlight = piece.length;
    this.#duplex.write(piece, this.#onWritten);
  }

  readonly #afterWrite = (error: Error | null | undefined): void => {
    const bytes = this.#bytesInFlight;
    this.#bytesInFlight = 0;
    if (error || this.#state === 'over') return; // the stream tells of the error, too
    this.queuedBytes -= bytes;
    this.#write();
    this.#events.onSent(bytes);
  };

  /** Our end is over: the stream has sent it, or is gone. */
  onEndOver(isTold: boolean): void {
    if (this.#state === 'ending') this.#tellEnded(isTold);
  }

  #tellEnded(isTold: boolean): void {
    this.#state = 'over';
    this.#events.onEnded(isTold);
  }

  /** Nothing can be sent any more. */
  fail(error: Error): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.queuedBytes = 0;
    this.#events.onSendFailed(error);
  }

  /** Stops reporting. @returns how many bytes were still queued */
  close(): number {
    const { queuedBytes } = this;
    this.#state = 'over';
    this.queuedBytes = 0;
    if (this.#isStaged) this.#unstage();
    return queuedBytes;
  }

  /** Hands all that is queued, and our end, to the stream. Call it after {@link close}. */
  writeLast(): void {
    for (let piece = this.#pieces.next(); piece; piece = this.#pieces.next()) {
      this.#duplex.write(piece);
    }
    this.#duplex.end();
  }
}
