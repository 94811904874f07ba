import type { Observable, Observer } from 'rxjs';
import { closeEach } from '../../core/AttachedDescriptors';
import { SocketBusyError, type Where } from '../../core/errors';
import type { Socket } from '../../core/Socket';
import { Demand } from '../loop/records';
import type { Holdable } from '../pacing/Holds';
import { DescriptorReader } from './DescriptorReader';
import { DataObservable, type Reading } from './Reading';
import type { ReadingOwner } from './ReadingOwner';
import { type ReadingEvent, type ReadingState, readingTransitions } from './readingStates';
import { REFUSED } from './transitions';
import type { Transport } from './Transport';

/** Reads for nobody. */
const DISCARD: Observer<Buffer> = {
  next: () => undefined,
  error: () => undefined,
  complete: () => undefined,
};

/** The incoming side: one reader at a time, which can be held back. */
export class ReadingHalf implements Reading {
  readonly #owner: ReadingOwner;
  readonly #transport: Transport;
  #state: ReadingState = 'open';
  /** The transitions from the present state. */
  #next = readingTransitions.open;
  #data: DataObservable | null = null;
  #reader: Observer<Buffer> | null = null;
  #descriptorReader: DescriptorReader | null = null;
  #holds = 0;
  releases = 0;
  #isStopped = false;
  #keepsHalfOpen: boolean;
  /** Why reading failed, while bytes before that wait for a reader. */
  #failure: Error | null = null;

  constructor(owner: ReadingOwner, transport: Transport, allowHalfOpen: boolean) {
    this.#owner = owner;
    this.#transport = transport;
    this.#keepsHalfOpen = allowHalfOpen;
  }

  get state(): ReadingState {
    return this.#state;
  }

  get data$(): Observable<Buffer> {
    return (this.#data ??= new DataObservable(this, (reader) => this.#read(reader)));
  }

  get descriptors$(): Observable<Socket> {
    return (this.#descriptorReader ??= this.#newDescriptorReader()).descriptors$;
  }

  #newDescriptorReader(): DescriptorReader {
    const reader = new DescriptorReader(this.#owner, this, this.#transport.passesDescriptors);
    if (this.#state === 'ended' || this.#state === 'closed') reader.complete();
    return reader;
  }

  get hasReader(): boolean {
    return this.#reader !== null;
  }

  /** Whether a reader is held back now. */
  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** Whether our side stays open behind the peer's end. */
  get keepsHalfOpen(): boolean {
    return this.#keepsHalfOpen;
  }

  /** What to watch for. @see demandOf */
  demand(isMinded: boolean): number {
    if (this.#state !== 'open' && this.#state !== 'peerLeft') return Demand.Nothing;
    const answers = this.#reader ? Demand.Answers : 0;
    if (this.#isReading) {
      const descriptors = this.#descriptorReader?.hasSubscriber ? Demand.Descriptors : 0;
      return Demand.Bytes | descriptors | answers;
    }
    return (this.#state === 'open' && isMinded ? Demand.PeerEnd : 0) | answers;
  }

  // ---- Reading ----

  get lends(): boolean {
    return this.#transport.lends;
  }

  #read(reader: Observer<Buffer>): (() => void) | undefined {
    const { reason } = this.#owner;
    if (reason !== undefined) {
      if (reason) reader.error(reason);
      else reader.complete();
      return undefined;
    }
    if (this.#reader) {
      reader.error(new SocketBusyError('data$ has a subscriber already'));
      return undefined;
    }
    if (this.#isStopped) {
      reader.complete();
      return undefined;
    }
    this.#reader = reader;
    this.#owner.enter();
    this.#deliverInContext();
    if (this.#state === 'ended') reader.complete();
    return () => {
      if (this.#reader === reader) {
        this.#reader = null;
        this.#owner.onReaderLeft();
      }
      this.#owner.leave();
    };
  }

  hold(): void {
    if (this.#holds++ === 0) this.#owner.onHeld();
    this.#owner.update();
  }

  release(): void {
    this.#holds--;
    if (this.#holds === 0) {
      this.releases++;
      this.#owner.onReleased();
    }
    this.#deliverInContext();
    this.#owner.update();
  }

  inContext(call: () => void): void {
    this.#owner.inContext(call);
  }

  giveBack(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#state === 'closed') return;
    this.#transport.unread.prepend(bytes);
    this.#transport.unreadChanged();
  }

  keepHalfOpen(): void {
    this.#keepsHalfOpen = true;
  }

  reference(isWanted: boolean): void {
    this.#transport.reference(isWanted);
  }

  get reason(): Error | null | undefined {
    return this.#owner.reason;
  }

  get acceptor(): Holdable | null {
    return this.#owner.acceptor;
  }

  get peer(): Where {
    return this.#owner.peer;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    if (this.#isStopped || this.#state === 'ended' || this.#state === 'closed') return;
    this.#isStopped = true;
    const reader = this.#reader;
    if (!reader) return;
    this.#reader = null;
    this.inContext(() => {
      reader.complete();
    });
    this.#owner.onReaderLeft();
  }

  linger(): void {
    this.#owner.linger();
  }

  windUp(): void {
    this.#owner.windUp();
  }

  /** If nobody reads, reads on and discards: the peer's end comes after whatever it still sends. */
  discard(): void {
    if (this.#reader || this.#state === 'closed') return;
    this.#reader = DISCARD;
    this.#owner.enter();
    this.#deliver();
  }

  /** Whether there is a reader, and it is not held back. */
  get #isReading(): boolean {
    return this.#reader !== null && this.#holds === 0;
  }

  get #hasSomethingToDeliver(): boolean {
    return this.#state !== 'closed' && this.#isReading;
  }

  /** The code that subscribes or releases may run in another connection's context. */
  #deliverInContext(): void {
    if (!this.#hasSomethingToDeliver) return;
    this.inContext(() => {
      this.#deliver();
    });
  }

  #deliver(): void {
    while (this.#hasSomethingToDeliver) {
      const { unread } = this.#transport;
      if (unread.length === 0) {
        if (this.#state === 'draining') this.#onDrained();
        return;
      }
      const descriptors = unread.takeDescriptors(unread.length);
      if (descriptors.length > 0) {
        this.#emitDescriptors(descriptors);
        continue; // their subscriber may have paused or closed the connection
      }
      const bytes = Buffer.from(unread.view());
      unread.consume(bytes.length);
      this.#transport.unreadChanged();
      this.#reader?.next(bytes);
    }
  }

  // ---- What the transport tells ----

  onBytes(bytes: Buffer, descriptors: readonly Socket[]): void {
    let kept = descriptors;
    if (kept.length > 0 && this.#isReading) {
      this.#emitDescriptors(kept);
      kept = []; // though their subscriber may have paused or closed the connection
    }
    if (this.#next.bytes === REFUSED) {
      closeEach(kept); // it leads to no other state
    } else if (this.#isReading) {
      this.#reader?.next(bytes);
    } else {
      // An earlier record of this batch made the reader unsubscribe or pause: keep the bytes for the next reader.
      this.#transport.unread.append(bytes, kept);
      this.#transport.unreadChanged();
    }
  }

  /** Before the bytes that they came with. */
  #emitDescriptors(descriptors: readonly Socket[]): void {
    if (this.#descriptorReader) this.#descriptorReader.emit(descriptors);
    else closeEach(descriptors);
  }

  onPeerLeft(): void {
    this.#step('peerLeave');
  }

  onEnd(failure: Error | null): void {
    if (!this.#step('end')) return;
    this.#failure = failure;
    if (this.#transport.unread.length === 0) this.#onDrained();
  }

  #onDrained(): void {
    if (this.#step('drain')) this.#owner.onAllRead(this.#failure);
  }

  /** Tells the reader of the end. */
  complete(): void {
    this.#reader?.complete();
    this.#descriptorReader?.complete();
  }

  /** The connection closes. @returns a function that tells those who read why */
  close(): (error: Error | null) => void {
    this.#step('close');
    const reader = this.#reader;
    this.#reader = null;
    return (error) => {
      if (error) reader?.error(error);
      else reader?.complete();
      this.#descriptorReader?.complete();
    };
  }

  /** @returns whether the event may be now */
  #step(event: ReadingEvent): boolean {
    const next = this.#next[event];
    if (next === REFUSED) return false;
    this.#state = next;
    this.#next = readingTransitions[next];
    return true;
  }
}
