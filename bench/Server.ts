import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { pinned } from './ratios';

const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Microseconds of processor time. */
export interface Cost {
  user: number;
  system: number;
}

export const total = ({ user, system }: Cost) => user + system;

/**
 * A server in a process of its own, which says a line when it is there, and at each SIGUSR2 what it has cost so far:
 * `echo-service/report.cjs`.
 */
export class Server {
  readonly #process: ChildProcess;
  readonly #output: Interface;

  constructor(
    command: readonly string[],
    /** Where it listens, unless it says so itself. */
    readonly address = '',
  ) {
    const [program, ...args] = [...pinned(SERVER_CORE), ...command];
    this.#process = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#output = createInterface({ input: this.#process.stdout! });
  }

  /** @returns what it says when it is there */
  untilListening(): Promise<string> {
    return this.#line();
  }

  /** What each of so many messages costs that are sent meanwhile. */
  async costOfEach(count: number, send: () => void): Promise<Cost> {
    const before = await this.cost();
    send();
    const after = await this.cost();
    return {
      user: (after.user - before.user) / count,
      system: (after.system - before.system) / count,
    };
  }

  async cost(): Promise<Cost> {
    const [user, system] = await this.#report();
    return { user: user!, system: system! };
  }

  /** Bytes of memory, as the system sees the process. */
  async memory(): Promise<number> {
    return (await this.#report())[2]!;
  }

  async #report(): Promise<number[]> {
    const line = this.#line();
    this.#process.kill('SIGUSR2');
    return (await line).split(' ').map(Number);
  }

  /** The next line that it says. */
  async #line(): Promise<string> {
    const over = new AbortController();
    const { signal } = over;
    try {
      const [line] = (await Promise.race([
        once(this.#output, 'line', { signal }),
        once(this.#process, 'exit', { signal }),
      ])) as [unknown];
      if (typeof line === 'string') return line;
      throw new Error(`${this.#process.spawnargs.join(' ')} has ended`);
    } finally {
      over.abort();
    }
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
