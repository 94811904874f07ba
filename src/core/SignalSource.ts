import { socketError } from './errors';
import { bitOf } from './events';
import { native, type Token } from './native';
import { Socket } from './Socket';

const SIGNALLED = bitOf('signalled');

/**
 * Signals of this process, waited for together with sockets. While it is open they do not end the process; handlers of
 * `process.on` are called all the same, as soon as Node's event loop runs.
 */
export class SignalSource extends Socket {
  override readonly possibleEvents = SIGNALLED;

  readonly #names: ReadonlyMap<number, NodeJS.Signals>;

  /** @internal */
  constructor(token: Token, names: ReadonlyMap<number, NodeJS.Signals>) {
    super(token, 'source of signals');
    this.#names = names;
  }

  /** The signals that it watches for. */
  get signals(): readonly NodeJS.Signals[] {
    this.checkReceiver();
    return [...this.#names.values()];
  }

  /** Whether a signal came that nobody has taken. */
  signalled(): boolean {
    return this.holds(SIGNALLED);
  }

  /**
   * Takes the signals that came since the last call, after which `signalled` no longer holds until the next.
   * Some 4096 are kept until they are taken: more are lost.
   *
   * @returns their names, in the order in which they came; one that came again before the system had delivered it counts
   *   once
   */
  take(): NodeJS.Signals[] {
    const taken = native.takeSignals(this.token);
    if (typeof taken === 'number') throw socketError(taken, 'take');
    return taken.map((number) => this.#names.get(number)!);
  }

  /** @internal */
  protected override description(): Readonly<Record<string, unknown>> {
    return { signals: this.signals, state: this.closed ? 'closed' : 'open' };
  }
}
