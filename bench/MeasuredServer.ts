import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { pinned } from './ratios';

/** Microseconds of processor time. */
export interface Cost {
  user: number;
  system: number;
}

export const total = ({ user, system }: Cost): number => user + system;

/** A server in a process of its own, which says a line when it is there, and what it has used at each SIGUSR2. */
export class MeasuredServer {
  readonly #process: ChildProcess;
  readonly #output: Interface;

  constructor(core: number, command: readonly string[]) {
    const [program, ...args] = [...pinned(core), ...command];
    this.#process = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#output = createInterface({ input: this.#process.stdout! });
  }

  /** @returns what it says when it is there */
  async untilListening(): Promise<string> {
    return ((await once(this.#output, 'line')) as [string])[0];
  }

  /** What each of so many messages costs that are sent meanwhile. */
  async costOfEach(count: number, send: () => void): Promise<Cost> {
    const before = await this.#cost();
    send();
    const after = await this.#cost();
    return {
      user: (after.user - before.user) / count,
      system: (after.system - before.system) / count,
    };
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }

  async #cost(): Promise<Cost> {
    const line = once(this.#output, 'line') as Promise<[string]>;
    this.#process.kill('SIGUSR2');
    const [user, system] = (await line)[0].split(' ').map(Number);
    return { user: user!, system: system! };
  }
}
