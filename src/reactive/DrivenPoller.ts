import { invalidValue } from '../core/argument';
import type { Backend } from '../core/backend';
import { native, type Token } from '../core/native';
import { Poller } from '../core/Poller';

/** How Node's event loop learns that a poller has something: by a handle of libuv's, or by a thread that waits. */
export type LoopDriver = 'uv' | 'waiter';

/** Those that can be tried. Bun has functions of libuv by name as well, but these end the process. */
const drivers: readonly LoopDriver[] = process.versions.bun ? ['waiter'] : ['uv', 'waiter'];

/** A poller that Node's event loop gives its turns. */
export class DrivenPoller {
  readonly poller: Poller;
  readonly driver: LoopDriver;
  readonly #loop: Token;
  readonly #onTurn: () => void;
  #references = 0;
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param driver null: libuv where that can watch this backend, else a thread
   * @param onTurn called while the poller has something to report
   */
  constructor(backend: Backend, driver: LoopDriver | null, onTurn: () => void) {
    this.poller = new Poller({ backend });
    this.#onTurn = onTurn;
    const turn = () => {
      this.#turn();
    };
    for (const each of drivers) {
      if (driver !== null && driver !== each) continue;
      const loop = native.openLoop(this.poller.token, each, turn);
      if (loop < 0) continue;
      this.driver = each;
      this.#loop = loop;
      return;
    }
    this.poller.close();
    throw invalidValue('driver', `must be one that can watch ${backend}`, driver);
  }

  close(): void {
    if (this.poller.closed) return;
    native.closeLoop(this.#loop);
    this.poller.close();
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** Keeps the process alive until as many calls of {@link release}. */
  hold(): void {
    if (this.#references++ === 0 && !this.poller.closed) native.referLoop(this.#loop, true);
  }

  release(): void {
    if (--this.#references === 0 && !this.poller.closed) native.referLoop(this.#loop, false);
  }

  /** To be called when a socket is watched for something new: some are to be asked, as no kernel tells of them. */
  scheduleLook(): void {
    if (this.#timer || this.poller.closed) return;
    const milliseconds = native.nextLook(this.poller.token);
    if (milliseconds < 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#turn();
    }, milliseconds).unref();
  }

  #turn(): void {
    if (this.poller.closed) return;
    this.#onTurn();
    this.scheduleLook();
  }
}
