import { constants } from 'node:os';
import { invalidValue } from '../../core/argument';
import type { LoopBackend } from '../../core/loopBackend';
import { orThrow, type SocketError } from '../../core/errors';
import { type Failure, native, type Token } from '../../core/native';
import { hasLibuv } from '../../core/runtime';

/** How Node's event loop learns that there is something to do: through a libuv handle, or a waiting thread. */
export type LoopDriver = 'uv' | 'waiter';

/** Captured at import: a test may replace the global later. */
const now = performance.now.bind(performance);

/** The drivers worth trying here. */
const drivers: readonly LoopDriver[] = hasLibuv ? ['uv', 'waiter'] : ['waiter'];

/** Milliseconds before a wait that failed for want of memory is tried again. */
const REST_AFTER_FAILURE = 50;

/** What a driver drives: a pump or a poller. */
export interface Driven {
  /** Arranges for `onReady` to be called in the event loop. `ENOTSUP`: this driver cannot. */
  open(driver: LoopDriver, onReady: () => void): Token;
  /** Milliseconds until it needs a turn even without a notification; -1: no such time. */
  nextLook(): number;
  /** There is something to report, or a check by timer is due. */
  onTurn(): void;
}

/** Calls a pump or a poller in Node's event loop whenever it has something to do. */
export class Driver {
  readonly #driven: Driven;
  readonly #loop: Token;
  readonly name: LoopDriver;
  #references = 0;
  #timer: NodeJS.Timeout | null = null;
  /** When that timer is due, in milliseconds of a monotonic clock. */
  #dueAt = Infinity;
  #isClosed = false;

  /**
   * The first driver that can drive this.
   *
   * @param backend what it waits with
   * @param wanted null: libuv where it can watch the backend, else a thread
   * @throws TypeError `ERR_INVALID_ARG_VALUE`: the one wanted cannot watch it
   * @throws SocketError such as `EAGAIN`: no thread can be made
   */
  static open(driven: Driven, backend: LoopBackend, wanted: LoopDriver | null): Driver {
    let driver: Driver | null = null;
    let failure: Failure = -constants.errno.ENOTSUP;
    for (const name of drivers) {
      if (wanted !== null && wanted !== name) continue;
      const loop = driven.open(name, () => driver?.turn());
      if (loop >= 0) return (driver = new Driver(driven, name, loop));
      failure = loop;
    }
    if (failure !== -constants.errno.ENOTSUP) orThrow(failure, backend);
    throw invalidValue('driver', `must be one that can watch ${backend}`, wanted);
  }

  private constructor(driven: Driven, name: LoopDriver, loop: Token) {
    this.#driven = driven;
    this.name = name;
    this.#loop = loop;
    this.scheduleLook(); // the engine wakes us when a check is due sooner than what it answered last
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    native.closeLoop(this.#loop);
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** Keeps the process alive until {@link releaseProcess} was called as often. */
  holdProcess(): void {
    if (this.#references++ === 0 && !this.#isClosed) native.referLoop(this.#loop, true);
  }

  releaseProcess(): void {
    if (--this.#references === 0 && !this.#isClosed) native.referLoop(this.#loop, false);
  }

  /** Call after an interest changes. Some states are never reported by the kernel and are checked by timer. */
  scheduleLook(): void {
    if (this.#isClosed) return;
    const milliseconds = this.#driven.nextLook();
    if (milliseconds >= 0 && now() + milliseconds < this.#dueAt) this.#turnIn(milliseconds);
  }

  /** Schedules a turn for a later time, whether or not there is a notification. */
  #turnIn(milliseconds: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#dueAt = now() + milliseconds;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#dueAt = Infinity;
      this.turn();
    }, milliseconds).unref();
  }

  /**
   * Call after a failed wait. If memory was short, another turn follows a little later.
   *
   * @returns whether it does; any other failure would repeat for ever
   */
  triesAgainAfter({ code }: SocketError): boolean {
    const isPassing = code === 'ENOMEM' || code === 'ENOBUFS';
    if (isPassing) this.#turnIn(REST_AFTER_FAILURE);
    return isPassing;
  }

  turn(): void {
    if (this.#isClosed) return;
    this.#driven.onTurn();
    this.scheduleLook();
  }
}
