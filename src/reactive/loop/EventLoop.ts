import { type OptionNames, optionsOf } from '../../core/argument';
import { orThrow, socketError } from '../../core/errors';
import { backendBeside, chooseLoopBackend, type LoopBackend } from '../../core/loopBackend';
import { type Failure, native, type Token } from '../../core/native';
import { Batches } from './Batches';
import { Driver, type LoopDriver } from './Driver';
import { Readiness } from './Readiness';
import { LentMemory, ReadMemory } from './ReadMemory';
import { MOST_RECORDS } from './records';
import { Sender } from './Sender';
import { Watches } from './Watches';

/** @see EventLoop */
export interface EventLoopOptions {
  /**
   * By default the one named by `BIPOLL_BACKEND` in the environment, else the platform's best backend. `'io_uring'`
   * (Linux 6.1 and later) is never taken unless it is named; `'best'` takes it where it can be opened.
   */
  backend?: LoopBackend | 'best';
  /** By default the one named by `BIPOLL_DRIVER` in the environment, else libuv where it can watch the backend. */
  driver?: LoopDriver;
}

const EVENT_LOOP_OPTIONS: OptionNames<EventLoopOptions> = { backend: true, driver: true };

/** After so many batches the rest of Node's event loop gets a turn. */
const BATCHES_PER_TURN = 8;

/**
 * Serves sockets in Node's event loop: a pump that is drained whenever it has something, and one call
 * into JavaScript for all of it. Each thread has one by default; make another to choose its backend, or
 * how it is driven.
 *
 * @example
 * const loop = new EventLoop({ backend: 'poll' });
 * listen({ port: 7000 }, { loop })
 *   .pipe(serve((connection) => connection.send(connection.data$)))
 *   .subscribe({ complete: () => loop.close() });
 */
export class EventLoop {
  static #ofThread: EventLoop | null = null;

  /** The default loop of this thread. */
  static get default(): EventLoop {
    return (EventLoop.#ofThread ??= new EventLoop());
  }

  /** The mechanism in use. */
  readonly backend: LoopBackend;
  /** How it is driven. */
  readonly driver: LoopDriver;
  /** Its sockets, and what they want. @internal */
  readonly watches: Watches;
  /** Sends what they write. @internal */
  readonly sender: Sender;

  readonly #pump: Token;
  readonly #driver: Driver;
  readonly #batches: Batches;
  #readiness: Readiness | null = null;
  readonly #owned = new ReadMemory();
  #lent: LentMemory | null = null;

  constructor(options: EventLoopOptions = {}) {
    const { backend, driver } = optionsOf('options', options, EVENT_LOOP_OPTIONS);
    const wanted = (driver ?? (process.env['BIPOLL_DRIVER'] || null)) as LoopDriver | null;
    this.backend = chooseLoopBackend(backend);
    const pump = orThrow(native.openPump(this.backend), this.backend);
    const driven = {
      open: (name: LoopDriver, onReady: () => void) => native.openPumpLoop(pump, name, onReady),
      nextLook: () => native.nextLook(pump),
      onTurn: () => {
        this.#turn();
      },
    };
    try {
      this.#driver = Driver.open(driven, this.backend, wanted);
    } catch (error) {
      native.closePump(pump);
      throw error;
    }
    this.#pump = pump;
    this.driver = this.#driver.name;
    this.watches = new Watches(pump, this.backend, this.#driver);
    this.#batches = new Batches(pump, this.#driver, this.watches);
    this.sender = new Sender(pump, this.watches, this.#batches);
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.watches.closed;
  }

  /**
   * Stops serving: the Observables of its sockets emit nothing more, and their connections take nothing more to send.
   * Of what waits to be sent, the system gets what it takes now. The sockets stay open.
   */
  close(): void {
    if (this.closed) return;
    this.sender.sendStaged();
    this.watches.close();
    this.#driver.close();
    native.closePump(this.#pump);
    this.sender.close();
    this.#readiness?.close();
    if (EventLoop.#ofThread === this) EventLoop.#ofThread = null;
  }

  /** As `close()`, for `using loop = ...`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Keeps the process alive until {@link releaseProcess} was called as often. @internal */
  holdProcess(): void {
    this.#driver.holdProcess();
  }

  /** @internal */
  releaseProcess(): void {
    this.#driver.releaseProcess();
  }

  /** Reports readiness alone. @internal */
  get readiness(): Readiness {
    this.watches.checkOpen();
    return (this.#readiness ??= new Readiness(backendBeside(this.backend), this.driver));
  }

  #turn(): void {
    for (let batch = 0; batch < BATCHES_PER_TURN && !this.closed; batch++) {
      if (!this.#drain()) break;
    }
    this.sender.flushRestLater();
  }

  /** @returns whether there may be more to do */
  #drain(): boolean {
    // If any watch borrows, read the whole batch into lendable memory: it is not known yet whose bytes will arrive.
    const memory = this.watches.anyBorrows ? (this.#lent ??= new LentMemory()) : this.#owned;
    this.sender.sendAll();
    const { records } = this.#batches;
    const count = native.drain(this.#pump, records, memory.memory, memory.start);
    if (count < 0) {
      this.#onDrainFailed(count);
      return false;
    }
    const hasBroughtMore = this.#batches.tell(records, count, memory);
    memory.renew();
    return hasBroughtMore || this.sender.mustFlush || count >= MOST_RECORDS;
  }

  /** The wait itself failed, and with it all sockets. */
  #onDrainFailed(failure: Failure): void {
    const error = socketError(failure, this.backend);
    if (!this.#driver.triesAgainAfter(error)) this.watches.failAll(error);
  }
}
