import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Contestants } from './contestants';
import { median, pinned } from './ratios';
import { type Cost, freePort, LOAD_CORE, Server, total } from './Server';

/** Servers that run at the same time, to be measured in turns. */
export class Rivals {
  readonly #servers = new Map<string, Server>();
  readonly #load: string;

  /** @param load the program that asks them */
  private constructor(load: string) {
    this.#load = load;
  }

  /** Starts all, on ports or at paths in a directory, and stops them afterwards. */
  static async among<T>(
    contestants: Contestants,
    load: string,
    directory: string | null,
    use: (rivals: Rivals) => Promise<T>,
  ): Promise<T> {
    const rivals = new Rivals(load);
    const place = directory === null ? null : mkdtempSync(join(directory, 'sockets-'));
    try {
      for (const [name, command] of Object.entries(contestants)) {
        const { size } = rivals.#servers;
        const address = place === null ? String(await freePort()) : join(place, String(size));
        const server = new Server(command(address), address);
        rivals.#servers.set(name, server);
        await server.untilListening();
      }
      return await use(rivals);
    } finally {
      for (const server of rivals.#servers.values()) server.stop();
    }
  }

  /** Their names, with where each is to be found. */
  get addresses(): ReadonlyMap<string, string> {
    return new Map([...this.#servers].map(([name, { address }]) => [name, address]));
  }

  /** Asks one of them. @returns what the load says */
  ask(name: string, what: string, ...numbers: readonly number[]): string {
    const { address } = this.#servers.get(name)!;
    const args = [this.#load, what, address, ...numbers.map(String)];
    const [command, ...rest] = [...pinned(LOAD_CORE), ...args];
    const { stdout, status } = spawnSync(command!, rest, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status !== 0) throw new Error(`The load of ${name} has failed`);
    return stdout;
  }

  /** What each of so many things costs them in processor time, in rounds in which they take turns. */
  async measure(
    rounds: number,
    count: number,
    what: string,
    ...numbers: readonly number[]
  ): Promise<ReadonlyMap<string, Cost[]>> {
    const names = [...this.#servers.keys()];
    const costs = new Map<string, Cost[]>(names.map((name) => [name, []]));
    for (const name of names) this.ask(name, what, ...numbers, Math.ceil(count / 4)); // so that the compiler has seen it
    for (let round = 0; round < rounds; round++) {
      for (const [name, server] of this.#servers) {
        const cost = await server.costOfEach(count, () => {
          this.ask(name, what, ...numbers, count);
        });
        costs.get(name)!.push(cost);
      }
    }
    return costs;
  }
}

/** The medians of user and system time, as text. */
export function shown(costs: readonly Cost[]): string {
  const user = median(costs.map((cost) => cost.user)).toFixed(2);
  const system = median(costs.map((cost) => cost.system)).toFixed(2);
  return `user ${user} + system ${system} us`;
}

/** The median of the whole processor time. */
export function medianCost(costs: readonly Cost[]): number {
  return median(costs.map(total));
}
