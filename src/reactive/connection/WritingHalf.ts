import { type Observable, Subject } from 'rxjs';
import { errorOfCode, SocketClosedError } from '../../core/errors';
import { MAX_DESCRIPTORS } from '../../core/native';
import { QueueFullError } from './QueueFullError';
import { checkWithDescriptors, isChunk, type Sendable, type WithDescriptors } from './Sendable';
import type { WhenDrained } from '../send';
import type { Transport } from './Transport';
import { REFUSED } from './transitions';
import { type WritingEvent, type WritingState, writingTransitions } from './writingStates';

/** The connection that a half is one of. */
export interface WritingOwner {
  /** Why it is closed; undefined while it is open. */
  readonly reason: Error | null | undefined;
  /** Calls back in the context of the connection. */
  inContext(call: () => void): void;
}

export interface WritingLimits {
  readonly highWaterMark: number;
  readonly maxQueueBytes: number;
}

/** The outgoing side: the transport has the queue; this half limits it, and reports when it is empty. */
export class WritingHalf {
  readonly #owner: WritingOwner;
  readonly #transport: Transport;
  readonly #limits: WritingLimits;
  #state: WritingState = 'open';
  /** The transitions from the present state. */
  #next = writingTransitions.open;
  /** Whether `write` has returned false since the queue was empty. */
  #mustDrain = false;
  /** Descriptors that were queued since the queue was empty. */
  #queuedDescriptors = 0;
  #failure: Error | null = null;
  /** Whether bytes were queued when it was closed. */
  #hasLost = false;
  #writable: Subject<void> | null = null;
  /** Called once the queue is empty. */
  #waiting: Set<WhenDrained> | null = null;

  constructor(owner: WritingOwner, transport: Transport, limits: WritingLimits) {
    this.#owner = owner;
    this.#transport = transport;
    this.#limits = limits;
  }

  get state(): WritingState {
    return this.#state;
  }

  /** Why nothing more can be sent, or null. */
  get failure(): Error | null {
    return this.#failure;
  }

  // ---- Writing ----

  /** @returns how many bytes the system has taken already; null if writing has failed before */
  write(sendable: Sendable): number | null {
    const given = isChunk(sendable) ? sendable : checkWithDescriptors('bytes', sendable);
    if (this.#next.write === REFUSED) {
      if (this.#state === 'failed') return null;
      const isClosed = this.#state === 'closed';
      throw new SocketClosedError(`The connection ${isClosed ? 'is closed' : 'was ended'}`);
    }
    const { maxQueueBytes } = this.#limits;
    if (this.#transport.queuedBytes >= maxQueueBytes) {
      throw new QueueFullError(maxQueueBytes);
    }
    return isChunk(given) ? this.#transport.send(given) : this.#sendDescriptors(given);
  }

  #sendDescriptors({ bytes, descriptors }: WithDescriptors): number {
    if (!this.#transport.passesDescriptors) throw errorOfCode('ENOTSUP', 'sendmsg');
    if (this.#queuedDescriptors >= MAX_DESCRIPTORS) {
      throw new QueueFullError(MAX_DESCRIPTORS, 'descriptors');
    }
    const taken = this.#transport.send(bytes, descriptors);
    if (taken === 0) this.#queuedDescriptors += descriptors.length; // else they went with the first byte
    return taken;
  }

  /** Whether more may be written; if not, `writable$` says when. */
  get hasRoom(): boolean {
    if (this.#state === 'failed') return false;
    const { queuedBytes } = this.#transport;
    if (queuedBytes < this.#limits.highWaterMark && this.#queuedDescriptors === 0) return true;
    this.#mustDrain = true;
    return false;
  }

  /** @returns whether this was news */
  end(): boolean {
    if (!this.#step('end')) return false;
    this.#transport.end();
    return true;
  }

  // ---- Who waits for the queue ----

  /** Emits whenever the queue has drained after it was full. */
  get writable$(): Observable<void> {
    return (this.#writable ??= new Subject());
  }

  /** Calls back once the queue is empty, now if it is; or with the reason why it never will be. */
  whenDrained(call: WhenDrained): void {
    const failure =
      this.#owner.reason ?? this.#failure ?? (this.#hasLost ? closedWhileSending() : null);
    if (failure === null && this.#transport.queuedBytes > 0)
      (this.#waiting ??= new Set()).add(call);
    else call(failure);
  }

  forgetDrained(call: WhenDrained): void {
    this.#waiting?.delete(call);
  }

  // ---- What the transport tells ----

  /** The queue has become shorter. */
  onSent(): void {
    if (this.#next.sent === REFUSED || this.#transport.queuedBytes > 0) return;
    this.#queuedDescriptors = 0;
    if (this.#waiting || this.#mustDrain) this.#tellDrainedInContext();
  }

  #tellDrainedInContext(): void {
    this.#owner.inContext(() => {
      this.#tellDrained();
    });
  }

  #tellDrained(): void {
    this.#callWaiting(null);
    if (!this.#mustDrain) return;
    this.#mustDrain = false;
    this.#writable?.next();
  }

  #callWaiting(failure: Error | null): void {
    for (const call of this.#takeWaiting()) call(failure);
  }

  #takeWaiting(): Iterable<WhenDrained> {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting ?? [];
  }

  /** @returns whether this was news */
  onFailed(error: Error): boolean {
    if (!this.#step('fail')) return false;
    this.#failure = error;
    this.#callWaiting(error);
    return true;
  }

  /** @returns whether this was news */
  onEnded(): boolean {
    return this.#step('told');
  }

  /** The connection closes. @returns a function that tells those who wait why */
  close(lostBytes: number): (error: Error | null) => void {
    this.#step('close');
    this.#hasLost = lostBytes > 0;
    const waiting = this.#takeWaiting();
    return (error) => {
      for (const call of waiting) call(error ?? closedWhileSending());
      this.#writable?.complete();
    };
  }

  /** @returns whether the event may be now */
  #step(event: WritingEvent): boolean {
    const next = this.#next[event];
    if (next === REFUSED) return false;
    this.#state = next;
    this.#next = writingTransitions[next];
    return true;
  }
}

function closedWhileSending(): SocketClosedError {
  return new SocketClosedError('The connection was closed before everything was sent');
}
