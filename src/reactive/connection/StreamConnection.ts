import type { InspectOptionsStylized } from 'node:util';
import { EMPTY, Observable, type ObservableInput, throwError } from 'rxjs';
import type { Where } from '../../core/errors';
import { INSPECT, shown } from '../../core/inspection';
import type { PeerCredentials } from '../../core/peerCredentials';
import { guardReceiver } from '../../core/receiver';
import { NO_DESCRIPTORS } from '../../core/AttachedDescriptors';
import type { Socket } from '../../core/Socket';
import type { StreamSocket } from '../../core/StreamSocket';
import type { Context } from '../loop/Context';
import { type Outgoing, send, type WhenDrained } from '../send';
import { channels, publish } from './channels';
import { type Connection, CONNECTION_MEMBERS } from './Connection';
import { descriptionOf } from './description';
import { peerOf } from './Ends';
import { type IdleOwner, type IdleTimer, idleTimerOf } from './IdleTimer';
import { Life } from './Life';
import type { ConnectionSettings } from './options';
import type { Reading } from './Reading';
import { demandOf } from './demandOf';
import { ReadingHalf } from './ReadingHalf';
import type { ReadingOwner } from './ReadingOwner';
import { bytesOf, type Sendable } from './Sendable';
import type { Transport, TransportEvents } from './Transport';
import { WritingHalf } from './WritingHalf';

/**
 * A connection over any {@link Transport}. It has a {@link Life}, a reading half and a writing half, each a state
 * machine of its own; this class says what an event of one means for the others.
 */
export class StreamConnection
  extends Life
  implements Connection, TransportEvents, ReadingOwner, IdleOwner, Outgoing
{
  readonly #transport: Transport;
  // Created on first use, since most connections of a server are idle.
  #reading: ReadingHalf | null = null;
  #writing: WritingHalf | null = null;
  readonly #idle: IdleTimer | null;
  static #lastId = 0;
  readonly id = ++StreamConnection.#lastId;
  bytesRead = 0;
  bytesWritten = 0;

  /** @param context in which it calls back; null: that of whoever makes something happen */
  constructor(transport: Transport, settings: ConnectionSettings, context: Context | null) {
    super(settings, context);
    this.#transport = transport;
    this.#idle = idleTimerOf(this, settings);
    transport.start(this);
    if (channels.open.hasSubscribers) publish(channels.open, { connection: this });
  }

  #readingHalf(): ReadingHalf {
    return (this.#reading ??= new ReadingHalf(this, this.#transport, this.settings.allowHalfOpen));
  }

  #writingHalf(): WritingHalf {
    return (this.#writing ??= new WritingHalf(this, this.#transport, this.settings));
  }

  get socket(): StreamSocket {
    return this.#transport.socket;
  }

  // ---- Who it is ----

  get remoteAddress(): string | undefined {
    return this.#transport.ends.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#transport.ends.remotePort;
  }

  get localAddress(): string | undefined {
    return this.#transport.ends.localAddress;
  }

  get localPort(): number | undefined {
    return this.#transport.ends.localPort;
  }

  get path(): string | undefined {
    return this.#transport.ends.path;
  }

  peerCredentials(): PeerCredentials | null {
    return this.#transport.ends.peerCredentials();
  }

  get peer(): Where {
    return peerOf(this.#transport.ends);
  }

  /** @internal */
  [INSPECT](depth: number, options: InspectOptionsStylized): string {
    return shown('Connection', descriptionOf(this, this.state), depth, options);
  }

  /** How to hold back what it reads. @internal */
  get reading(): Reading {
    return this.#readingHalf();
  }

  // ---- Observables ----

  get data$(): Observable<Buffer> {
    return this.#readingHalf().data$;
  }

  get descriptors$(): Observable<Socket> {
    return this.#readingHalf().descriptors$;
  }

  get writable$(): Observable<void> {
    return new Observable((subscriber) =>
      this.reason === undefined
        ? this.using(() => this.#writingHalf().writable$.subscribe(subscriber))
        : EMPTY.subscribe(subscriber),
    );
  }

  whenDrained(call: WhenDrained): void {
    this.#writingHalf().whenDrained(call);
  }

  forgetDrained(call: WhenDrained): void {
    this.#writing?.forgetDrained(call);
  }

  send(source: ObservableInput<Sendable>): Observable<number> {
    const sent = send(this, source);
    return new Observable((subscriber) =>
      this.using(() => {
        // Subscribing makes the loop watch the socket: if that failed just now, the connection is closed.
        const reason = this.reason;
        return (reason ? throwError(() => reason) : sent).subscribe(subscriber);
      }),
    );
  }

  // ---- Writing ----

  override get queuedBytes(): number {
    return this.reason === undefined ? this.#transport.queuedBytes : 0;
  }

  write(sendable: Sendable): boolean {
    const taken = this.#writingHalf().write(sendable);
    if (taken === null) return false;
    if (channels.queue.hasSubscribers) this.#tellQueued(sendable);
    if (taken > 0) this.#onTaken(taken);
    if (!this.isUsed) this.#keepAlive();
    return this.#writingHalf().hasRoom;
  }

  end(): void {
    const isLast = this.#readingHalf().state === 'ended' && this.#transport.queuedBytes === 0;
    if (this.#writingHalf().state === 'open') this.#tellEnd('own', false);
    if (isLast && this.#writingHalf().state === 'open') this.finish(null);
    else this.#writingHalf().end();
  }

  reset(): void {
    if (this.reason !== undefined) return;
    this.#tellEnd('own', true);
    this.#transport.resetOnClose();
    this.finish(null);
  }

  #tellQueued(sendable: Sendable): void {
    this.inContext(() => {
      const { queuedBytes } = this;
      publish(channels.queue, { connection: this, chunk: bytesOf(sendable), queuedBytes });
    });
  }

  #tellEnd(side: 'own' | 'peer', isReset: boolean): void {
    if (!channels.end.hasSubscribers) return;
    this.inContext(() => {
      publish(channels.end, { connection: this, side, isReset });
    });
  }

  #tellHeld(isHeld: boolean): void {
    if (!channels.hold.hasSubscribers) return;
    this.inContext(() => {
      publish(channels.hold, { connection: this, isHeld });
    });
  }

  #onTaken(bytes: number): void {
    this.#idle?.touch();
    this.bytesWritten += bytes;
    if (!channels.write.hasSubscribers) return;
    this.inContext(() => {
      publish(channels.write, { connection: this, bytes, queuedBytes: this.queuedBytes });
    });
  }

  // ---- What the transport tells ----

  onBytes(bytes: Buffer, descriptors: readonly Socket[] = NO_DESCRIPTORS): void {
    this.#idle?.touch();
    const { length } = bytes;
    this.bytesRead += length;
    if (channels.read.hasSubscribers) {
      publish(channels.read, { connection: this, bytes: length, chunk: bytes });
    }
    this.#readingHalf().onBytes(bytes, descriptors);
  }

  onPeerLeft(): void {
    this.#readingHalf().onPeerLeft();
  }

  onEnd(error: Error | null): void {
    this.#tellEnd('peer', error !== null);
    this.#readingHalf().onEnd(error);
  }

  onSent(bytes: number): void {
    this.#onTaken(bytes);
    this.#writingHalf().onSent();
    if (this.queuedBytes > 0) return;
    if (this.isWindingUp) this.finish(null);
    else if (!this.isUsed) this.#keepAlive();
  }

  /** Bytes that the peer sent before it left can still be read: the reader hears of the failure after these. */
  onSendFailed(error: Error): void {
    if (!this.#writingHalf().onFailed(error) || this.reason !== undefined) return; // a callback may have closed it
    const nobodyReads = this.isWindingUp || this.isLingering;
    const isOver = nobodyReads || this.#readingHalf().state === 'ended';
    if (isOver || !(this.#readingHalf().hasReader || this.#transport.dataAvailable)) {
      this.finish(error);
      return;
    }
    if (!this.#readingHalf().hasReader) this.finishLater(error);
    this.update();
  }

  onEnded(isTold: boolean): void {
    if (!this.#writingHalf().onEnded()) return;
    const isGone = !isTold && !this.#readingHalf().hasReader && !this.#transport.dataAvailable;
    // A reader will learn from its next read that the peer is gone.
    if (isGone || this.#readingHalf().state === 'ended') this.finish(null);
    else this.update();
  }

  onFailure(error: Error): void {
    this.finish(error);
  }

  onClosed(): void {
    this.finish(null);
  }

  // ---- What the reading half tells, and asks ----

  onAllRead(failure: Error | null): void {
    const error = failure ?? this.#writingHalf().failure; // a failed read says more about the reason than a failed write
    if (error) {
      this.finish(error);
      return;
    }
    this.#readingHalf().complete();
    if (!this.#readingHalf().keepsHalfOpen) this.end();
    if (this.#writingHalf().state === 'ended') this.finish(null);
  }

  onReaderLeft(): void {
    // Writing has failed before: it stayed open only for this reader.
    if (this.#writingHalf().failure) this.finish(this.#writingHalf().failure);
    else if (this.isLingering) this.#readingHalf().discard();
    else this.update();
  }

  onHeld(): void {
    this.#tellHeld(true);
  }

  /** While the reader was held back the silence was our doing. The peer's silence counts from now. */
  onReleased(): void {
    this.#idle?.touch();
    this.#tellHeld(false);
  }

  // ---- What the idle timer asks ----

  get isHeld(): boolean {
    return this.#reading?.isHeld ?? false;
  }

  // ---- What its life asks ----

  protected override get sendFailure(): Error | null {
    return this.#writing?.failure ?? null;
  }

  protected override takeLeave(): void {
    try {
      this.end();
    } catch {
      this.finish(null); // its loop is closed, so there is nobody to wait for
      return;
    }
    this.#readingHalf().discard();
  }

  override update(): void {
    if (this.reason !== undefined) return;
    const [reading, writing] = [this.#reading, this.#writing];
    if (writing?.failure && reading?.hasReader) this.cancelFinish();
    const isMinded = this.isMinded || writing?.state === 'ended';
    this.#transport.want(demandOf(reading, isMinded));
    this.#keepAlive();
  }

  #keepAlive(): void {
    if (this.reason !== undefined) return; // a callback that was told of sent bytes may have closed it
    this.#transport.keepAlive(this.isUsed || this.queuedBytes > 0);
  }

  protected override shut(error: Error | null): void {
    this.#idle?.stop();
    const tellReaders = this.#readingHalf().close();
    const { queuedBytes } = this.#transport;
    const lostBytes = this.#transport.close(error);
    this.bytesWritten += queuedBytes - lostBytes;
    const tellWriters = this.#writingHalf().close(lostBytes);
    tellReaders(error);
    tellWriters(error);
  }

  protected override onShut(error: Error | null): void {
    if (channels.close.hasSubscribers) publish(channels.close, { connection: this, error });
  }

  static {
    guardReceiver(
      StreamConnection,
      'Connection',
      CONNECTION_MEMBERS,
      (value) => #transport in value,
    );
  }
}
