import type { ByteStream } from '../../core/ByteStream';
import { socketError } from '../../core/errors';
import type { Failure } from '../../core/native';
import { Claim, type Companion, type Socket } from '../../core/Socket';
import type { StreamSocket } from '../../core/StreamSocket';
import type { Unread } from '../../core/Unread';
import type { Ends } from '../connection/Ends';
import type { SocketSettings } from '../connection/options';
import type { Chunk, Transport, TransportEvents } from '../connection/Transport';
import type { Context } from './Context';
import type { EventLoop } from './EventLoop';
import { Demand, type OtherKind, RecordKind } from './records';
import { Watch } from './Watch';

/** Chunks of at least so many bytes are handed to the system without a copy. */
const AT_ONCE = 16 * 1024;

/** The transport of a connection over what carries a stream of bytes in an event loop: a socket, or a descriptor. */
export abstract class StreamTransport<Stream extends ByteStream>
  extends Watch
  implements Transport, Companion
{
  protected readonly stream: Stream;
  readonly #answerTimeout: number;
  #events!: TransportEvents;
  queuedBytes = 0;
  #lostBytes = 0;
  #isKeptAlive = false;
  /** Whether the engine still has to say that our sending side is ended. */
  #isEnding = false;
  #holdsProcess = false;

  constructor(
    stream: Stream,
    loop: EventLoop,
    context: Context,
    { borrow, answerTimeout }: Pick<SocketSettings, 'borrow' | 'answerTimeout'>,
  ) {
    super(loop, stream.token, context, borrow);
    this.stream = stream;
    this.#answerTimeout = answerTimeout;
  }

  start(events: TransportEvents): void {
    this.#events = events;
    this.stream.companion = this;
  }

  /** The connection that it carries. */
  get events(): TransportEvents {
    return this.#events;
  }

  abstract get socket(): StreamSocket;
  abstract get ends(): Ends;

  // ---- Reading ----

  get lends(): boolean {
    return this.borrows;
  }

  get unread(): Unread {
    return this.stream.unread;
  }

  unreadChanged(): void {
    this.stream.unreadChanged();
  }

  abstract get dataAvailable(): boolean;

  override onBytes(bytes: Buffer, descriptors: readonly Socket[]): void {
    this.#events.onBytes(bytes, descriptors);
  }

  // ---- Writing ----

  abstract get passesDescriptors(): boolean;

  send(chunk: Chunk, descriptors: readonly Socket[] = []): number {
    if (chunk.length < AT_ONCE && descriptors.length === 0) {
      this.queuedBytes += this.loop.sender.stage(this, chunk);
      return 0;
    }
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const taken = this.loop.sender.sendAtOnce(
      this,
      bytes,
      descriptors.map(({ token }) => token),
    );
    this.queuedBytes += bytes.length - taken;
    return taken;
  }

  end(): void {
    this.loop.sender.end(this, this.#answerTimeout);
    this.#isEnding = true;
  }

  // ---- What the loop tells ----

  override onRecord(kind: OtherKind, value: Failure): void {
    switch (kind) {
      case RecordKind.Sent:
        // Bytes sent before a loss may be reported after it.
        this.queuedBytes = Math.max(0, this.queuedBytes - value);
        this.#events.onSent(value);
        break;
      case RecordKind.End:
        this.#events.onEnd(value < 0 ? this.#errorOf(value, 'read') : this.stream.endError);
        break;
      case RecordKind.PeerEnd:
        this.#events.onPeerLeft();
        break;
      case RecordKind.SendFailed:
        this.queuedBytes = 0;
        this.#isEnding = false;
        this.#events.onSendFailed(this.#errorOf(value, 'write'));
        break;
      case RecordKind.Ended:
        this.#isEnding = false;
        this.#events.onEnded(value === 0);
        break;
    }
  }

  override onFailure(error: Error): void {
    this.#events.onFailure(error);
  }

  #errorOf(failure: Failure, syscall: string): Error {
    return this.stream.causeOf(socketError(failure, syscall, this.stream.where));
  }

  // ---- Its life ----

  close(): number {
    this.onSocketClosing();
    this.keepAlive(false);
    this.stream.companion = null;
    this.stream.close();
    return this.#lostBytes;
  }

  abstract resetOnClose(): void;

  keepAlive(isWanted: boolean): void {
    this.#isKeptAlive = isWanted;
    if (!isWanted) this.loop.watches.rested(this);
    const holds = isWanted && this.stream.referenced;
    if (holds === this.#holdsProcess) return;
    this.#holdsProcess = holds;
    if (holds) this.loop.holdProcess();
    else this.loop.releaseProcess();
  }

  reference(isWanted: boolean): void {
    if (isWanted) this.stream.ref();
    else this.stream.unref();
  }

  /** Whether nothing is expected of it. Outside the loop it can become garbage; it returns when something is wanted. */
  override get isIdle(): boolean {
    const expects = this.#isKeptAlive || this.#isEnding || this.queuedBytes > 0;
    return !expects && !this.hasLostBytes;
  }

  // ---- What the socket asks and tells ----

  claims(claim: Claim): boolean {
    if (claim === Claim.Reading) return (this.wanted & Demand.Answers) !== 0;
    if (this.queuedBytes === 0) return false;
    this.loop.sender.sendStaged();
    return this.loop.sender.queuedBytes(this) > 0;
  }

  onSocketClosing(): void {
    if (this.queuedBytes > 0) this.#lostBytes = this.loop.sender.sendLast(this);
    this.queuedBytes = 0;
    this.leave();
  }

  onSocketClosed(): void {
    this.#events.onClosed();
  }

  onReferenceChanged(): void {
    this.keepAlive(this.#isKeptAlive);
  }
}
