import type { ChildProcess } from 'node:child_process';
import { socketError } from './errors';
import { bitOf } from './events';
import { native, type Token } from './native';
import { signalName } from './signalNumbers';
import { Socket } from './Socket';

const EXITED = bitOf('exited');

/**
 * How a child exited, as the `'exit'` event of a `ChildProcess` tells it: one of the two is null. Both are if that is
 * unknown, or if a signal ended it that Node has no name for, such as a real-time one.
 */
export interface ChildExit {
  /** The exit code; null if a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it; null if none did, or one without a name. */
  readonly signal: NodeJS.Signals | null;
}

/** What is asked of a `ChildProcess`. */
export type StartedChild = Pick<ChildProcess, 'pid' | 'exitCode' | 'signalCode'>;

/**
 * A child process, whose exit is waited for together with sockets. Closing it leaves the child alone. `exited` holds
 * until it is closed.
 */
export class Child extends Socket {
  override readonly possibleEvents = EXITED;

  /** The number of the process. */
  readonly pid: number;
  readonly #started: StartedChild | undefined;

  /** @internal */
  constructor(token: Token, pid: number, started: StartedChild | undefined) {
    super(token, 'watched child');
    this.pid = pid;
    this.#started = started;
  }

  /** Whether it has exited. */
  exited(): boolean {
    return this.holds(EXITED);
  }

  /**
   * How it exited; null while it runs. If it was asked for only after Node's event loop had taken notice of the exit,
   * Node alone knows: with a `ChildProcess` that is told, with a mere pid both `code` and `signal` are null.
   */
  exit(): ChildExit | null {
    const found = native.childExit(this.token);
    if (typeof found !== 'number') {
      const [code, signal] = found;
      return signal === 0 ? { code, signal: null } : { code: null, signal: signalName(signal) };
    }
    const reason = native.errorName(found);
    if (reason === 'EAGAIN') return null;
    if (reason !== 'ECHILD') throw socketError(found, 'exit');
    const { exitCode = null, signalCode = null } = this.#started ?? {};
    return { code: exitCode, signal: signalCode };
  }

  /** @internal */
  protected override description(): Readonly<Record<string, unknown>> {
    const { pid } = this;
    if (this.closed) return { pid, state: 'closed' };
    return { pid, state: this.exited() ? 'exited' : 'running' };
  }
}
