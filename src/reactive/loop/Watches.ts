import type { LoopBackend } from '../../core/loopBackend';
import { SocketClosedError, type SocketError, socketError } from '../../core/errors';
import { native, type Token } from '../../core/native';
import type { Driver } from './Driver';
import { Demand } from './records';
import { throwLater } from '../throwLater';
import type { Watch } from './Watch';

/**
 * The sockets of an event loop. Records name each by its tag, and the engine watches for what it wants.
 *
 * What a watch wants within a batch is told to the engine at the end of that batch. A tag is given to another watch
 * only when no record can name the one before.
 */
export class Watches {
  readonly #pump: Token;
  readonly #backend: LoopBackend;
  readonly #driver: Driver;
  #isClosed = false;
  /** By tag. */
  readonly byTag: (Watch | undefined)[] = [];
  readonly #freeTags: number[] = [];
  /** Tags of removed watches that a record may still name. */
  readonly #retiredTags: number[] = [];
  /** How many batches may still name a retired tag. */
  #retainers = 0;
  /** How many batches are being reported now; more than one if a callback runs the loop. */
  #batches = 0;
  /** Those whose demand changed within the present batch. */
  #changed: Watch[] = [];
  #borrowers = 0;

  constructor(pump: Token, backend: LoopBackend, driver: Driver) {
    this.#pump = pump;
    this.#backend = backend;
    this.#driver = driver;
  }

  close(): void {
    this.#isClosed = true;
    this.byTag.length = 0;
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  /** @throws SocketClosedError the event loop is closed */
  checkOpen(): void {
    if (this.#isClosed) throw new SocketClosedError('The event loop is closed');
  }

  /** Whether bytes are only lent to any of them. */
  get anyBorrows(): boolean {
    return this.#borrowers > 0;
  }

  // ---- Who is in the loop ----

  /**
   * Gives a watch its tag, if it has none.
   *
   * @throws SocketClosedError the event loop is closed
   */
  enter(watch: Watch): void {
    this.checkOpen();
    if (watch.tag >= 0) return;
    watch.tag = this.#freeTags.pop() ?? this.byTag.length;
    this.byTag[watch.tag] = watch;
    if (watch.borrows) this.#borrowers++;
  }

  remove(watch: Watch): void {
    const { tag } = watch;
    if (tag < 0) return;
    watch.tag = -1;
    watch.wanted = Demand.Nothing;
    if (this.#isClosed) return;
    this.byTag[tag] = undefined;
    if (watch.borrows) this.#borrowers--;
    if (watch.applied !== Demand.Nothing) native.want(this.#pump, watch.token, 0, 0);
    watch.applied = Demand.Nothing;
    (this.#retainers > 0 ? this.#retiredTags : this.#freeTags).push(tag);
  }

  /** Call when a batch of records exists that is not reported yet: until {@link releaseTags} no tag is reused. */
  retainTags(): void {
    this.#retainers++;
  }

  /** Call when that batch has been reported. */
  releaseTags(): void {
    if (--this.#retainers > 0 || this.#retiredTags.length === 0) return;
    this.#freeTags.push(...this.#retiredTags);
    this.#retiredTags.length = 0;
  }

  // ---- What they want ----

  /** Whether a batch is being reported now. */
  get isInBatch(): boolean {
    return this.#batches > 0;
  }

  beginBatch(): void {
    this.#batches++;
    this.retainTags();
  }

  endBatch(): void {
    this.#batches--;
    this.releaseTags();
    if (this.#batches > 0 || this.#changed.length === 0) return;
    const changed = this.#changed;
    this.#changed = [];
    for (const watch of changed) {
      watch.isChanged = false;
      if (watch.tag >= 0) this.#apply(watch);
      this.#forgetIfIdle(watch);
    }
  }

  /**
   * A watch wants something else.
   *
   * @throws SocketClosedError the event loop is closed
   */
  changed(watch: Watch): void {
    if (watch.tag < 0) this.enter(watch);
    if (!this.isInBatch) {
      this.#apply(watch);
      this.#driver.scheduleLook();
    } else if (!watch.isChanged) {
      watch.isChanged = true;
      this.#changed.push(watch);
    }
  }

  /** A watch is no longer used. It is forgotten only after the present batch, whose records may have bytes for it. */
  rested(watch: Watch): void {
    if (watch.tag < 0) return;
    if (!this.isInBatch) {
      this.#forgetIfIdle(watch);
    } else if (!watch.isChanged) {
      watch.isChanged = true;
      this.#changed.push(watch);
    }
  }

  #forgetIfIdle(watch: Watch): void {
    if (watch.wanted === Demand.Nothing && watch.isIdle) this.remove(watch);
  }

  #apply(watch: Watch): void {
    if (watch.wanted === watch.applied || this.#isClosed) return;
    const result = native.want(this.#pump, watch.token, watch.wanted, watch.tag);
    if (result < 0) this.#fail(watch, socketError(result, this.#backend));
    else watch.applied = watch.wanted;
  }

  #fail(watch: Watch, error: SocketError): void {
    watch.wanted = watch.applied;
    watch.context.run(tellFailure, watch, error);
  }

  /** Tells all of them that the loop cannot wait. */
  failAll(error: SocketError): void {
    for (const watch of [...this.byTag]) if (watch) this.#fail(watch, error);
  }
}

function tellFailure(watch: Watch, error: SocketError): void {
  try {
    watch.onFailure(error);
  } catch (mistake) {
    throwLater(mistake);
  }
}
