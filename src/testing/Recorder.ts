import { lastValueFrom, type Observable, type ObservableInput } from 'rxjs';
import { inspected } from '../core/argument';
import { SocketBusyError, type Where } from '../core/errors';
import type { PeerCredentials } from '../core/peerCredentials';
import type { Socket } from '../core/Socket';
import type { StreamSocket } from '../core/StreamSocket';
import type { Connection } from '../reactive/connection/Connection';
import { DataObservable, type Reading } from '../reactive/connection/Reading';
import {
  bytesOf,
  checkWithDescriptors,
  isChunk,
  type Sendable,
} from '../reactive/connection/Sendable';
import type { Holdable } from '../reactive/pacing/Holds';
import { type Outgoing, send, type WhenDrained } from '../reactive/send';
import { Clock } from './Clock';
import { copyChunk } from './copyChunk';
import { drawMarbles } from './drawMarbles';
import { Letters } from './Letters';
import type { Marble } from './parseMarbles';
import type { RecordedConnection, Recording } from './record';
import type { RecordOptions } from './recordOptions';

const LEFT_OUT = '(left out)';

/** Writes down what goes through a connection. */
export class Recorder implements RecordedConnection, Reading, Outgoing {
  readonly data$: Observable<Buffer>;
  readonly #connection: Connection & Outgoing;
  readonly #reading: Reading;
  readonly #clock: Clock;
  readonly #redact: NonNullable<RecordOptions['redact']>;
  readonly #letters = new Letters();
  readonly #received: Marble[] = [];
  readonly #sent: Marble[] = [];
  #error: Error | null = null;
  /** Bytes that were given back: they come once more. */
  #known = 0;
  #isClosing = false;
  /** When the peer ended or was gone. */
  #peerEndedAt: number | null = null;
  #isEnded = false;

  constructor(
    connection: Connection & Outgoing,
    reading: Reading,
    { scheduler, step, redact }: Required<RecordOptions>,
  ) {
    this.#connection = connection;
    this.#reading = reading;
    this.#clock = new Clock(scheduler, step);
    this.#redact = redact;
    this.data$ = new DataObservable(this, (subscriber) =>
      connection.data$.subscribe({
        next: (bytes) => {
          this.#onBytes(bytes);
          this.#clock.during(() => {
            subscriber.next(bytes);
          });
        },
        error: (error: unknown) => {
          if (!(error instanceof SocketBusyError)) this.#onPeerEnd('#');
          this.#clock.during(() => {
            subscriber.error(error);
          });
        },
        complete: () => {
          if (!reading.isStopped) this.#onPeerEnd('|');
          this.#clock.during(() => {
            subscriber.complete();
          });
        },
      }),
    );
    connection.closed$.subscribe((error) => {
      this.#onClosed(error);
    });
  }

  get recording(): Recording {
    const [received = '', sent = ''] = drawMarbles([this.#received, this.#sent]);
    const values = this.#letters.table((bytes) => bytes);
    return { received, sent, values, ...(this.#error && { error: this.#error }) };
  }

  // ---- What is recorded ----

  #onBytes(bytes: Buffer): void {
    const fresh = bytes.subarray(Math.min(this.#known, bytes.length));
    this.#known -= bytes.length - fresh.length;
    if (fresh.length === 0) return;
    this.#received.push({ frame: this.#clock.now(), mark: this.#letterOf(fresh, 'received') });
  }

  #letterOf(bytes: Buffer, direction: 'received' | 'sent'): string {
    return this.#letters.letterOf(this.#redacted(bytes, direction));
  }

  /** A mistake in `redact` harms nobody's connection, and writes down nothing that was to be left out. */
  #redacted(bytes: Buffer, direction: 'received' | 'sent'): Buffer {
    try {
      return copyChunk('redacted', this.#redact(Buffer.from(bytes), direction));
    } catch (error) {
      process.emitWarning(`redact has failed, and a chunk is left out: ${inspected(error)}`, {
        code: 'BIPOLL_REDACT_FAILED',
      });
      return Buffer.from(LEFT_OUT);
    }
  }

  #onPeerEnd(mark: '|' | '#'): void {
    if (this.#isClosing || this.#peerEndedAt !== null) return;
    this.#peerEndedAt = this.#clock.now();
    this.#received.push({ frame: this.#peerEndedAt, mark });
  }

  #onClosed(error: Error | null): void {
    if (error) this.#error ??= error;
    if (error && !this.#isClosing) this.#onPeerEnd('#');
    // If it was not us who ended it, it was ended in answer to the peer's end, after whatever was sent behind that.
    const lastSentAt = this.#sent.at(-1)?.frame ?? 0;
    this.#onEnd(error ? '#' : '|', Math.max(this.#peerEndedAt ?? this.#clock.now(), lastSentAt));
  }

  #onEnd(mark: '|' | '#', frame: number): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#sent.push({ frame, mark });
  }

  // ---- The connection ----

  get closed$(): Observable<Error | null> {
    return this.#connection.closed$;
  }

  get descriptors$(): Observable<Socket> {
    return this.#connection.descriptors$;
  }

  get writable$(): Observable<void> {
    return this.#connection.writable$;
  }

  get queuedBytes(): number {
    return this.#connection.queuedBytes;
  }

  get bytesRead(): number {
    return this.#connection.bytesRead;
  }

  get bytesWritten(): number {
    return this.#connection.bytesWritten;
  }

  get id(): number {
    return this.#connection.id;
  }

  get remoteAddress(): string | undefined {
    return this.#connection.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#connection.remotePort;
  }

  get localAddress(): string | undefined {
    return this.#connection.localAddress;
  }

  get localPort(): number | undefined {
    return this.#connection.localPort;
  }

  get path(): string | undefined {
    return this.#connection.path;
  }

  peerCredentials(): PeerCredentials | null {
    return this.#connection.peerCredentials();
  }

  whenDrained(call: WhenDrained): void {
    this.#connection.whenDrained(call);
  }

  forgetDrained(call: WhenDrained): void {
    this.#connection.forgetDrained(call);
  }

  get socket(): StreamSocket {
    return this.#connection.socket;
  }

  write(sendable: Sendable): boolean {
    const given = isChunk(sendable) ? sendable : checkWithDescriptors('bytes', sendable);
    const bytes = copyChunk('bytes', bytesOf(given));
    const frame = this.#clock.now();
    const hasRoom = this.#connection.write(isChunk(given) ? bytes : { ...given, bytes });
    if (bytes.length > 0) this.#sent.push({ frame, mark: this.#letterOf(bytes, 'sent') });
    return hasRoom;
  }

  send(source: ObservableInput<Sendable>): Observable<number> {
    return send(this, source);
  }

  end(): void {
    this.#onEnd('|', this.#clock.now());
    this.#connection.end();
  }

  close(error?: Error): void {
    const frame = this.#clock.now();
    this.#isClosing = true;
    this.#connection.close(error);
    this.#onEnd(error ? '#' : '|', frame);
  }

  reset(): void {
    this.#isClosing = true;
    this.#onEnd('#', this.#clock.now());
    this.#connection.reset();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.linger();
    await lastValueFrom(this.closed$);
  }

  get lends(): boolean {
    return this.#reading.lends;
  }

  keepHalfOpen(): void {
    this.#reading.keepHalfOpen();
  }

  reference(isWanted: boolean): void {
    this.#reading.reference(isWanted);
  }

  get reason(): Error | null | undefined {
    return this.#reading.reason;
  }

  get acceptor(): Holdable | null {
    return this.#reading.acceptor;
  }

  get isStopped(): boolean {
    return this.#reading.isStopped;
  }

  get isHeld(): boolean {
    return this.#reading.isHeld;
  }

  get releases(): number {
    return this.#reading.releases;
  }

  get peer(): Where {
    return this.#reading.peer;
  }

  stop(): void {
    this.#reading.stop();
  }

  linger(): void {
    this.#onEnd('|', this.#clock.now());
    this.#reading.linger();
  }

  windUp(): void {
    this.#reading.windUp();
  }

  hold(): void {
    this.#reading.hold();
  }

  release(): void {
    this.#reading.release();
  }

  inContext(call: () => void): void {
    this.#reading.inContext(call);
  }

  giveBack(bytes: Uint8Array): void {
    this.#known += bytes.length;
    this.#reading.giveBack(bytes);
  }
}
