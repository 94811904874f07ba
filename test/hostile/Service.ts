import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './Program';

/** Where a service listens, as `net.connect` takes it. */
export type Target = { host: string; port: number; localAddress?: string } | { path: string };

/** How soon a TCP peer is given up that does not answer: idle, or with bytes on the way. In about three seconds. */
const PEER_LIMITS = {
  keepAlive: 1000,
  keepAliveInterval: 1000,
  keepAliveCount: 2,
  userTimeout: 3000,
};
const ANY_IPV4 = '0.0.0.0';

/** The styles in which it is written. */
export const styles = ['observables', 'blocking'] as const;
export type Style = (typeof styles)[number];

/** A service in a process of its own. What it uses of the machine is read from /proc. */
export class Service {
  private constructor(
    readonly program: Program,
    readonly target: Target,
  ) {}

  /** @param address `TCP`, or the path of a local socket */
  static async start(
    style: Style,
    address: string,
    options: { backlog: number; descriptors: number | null; vanishes?: boolean },
  ): Promise<Service> {
    const file = join(__dirname, 'services', `${style}.cjs`);
    const { backlog, descriptors, vanishes = false } = options;
    const listening = { backlog, ...(vanishes ? { host: ANY_IPV4, ...PEER_LIMITS } : {}) };
    const program = new Program(file, [address, JSON.stringify(listening)], { descriptors });
    return new Service(program, JSON.parse(await program.nextLine()) as Target);
  }

  get descriptors(): number {
    return readdirSync(`/proc/${this.program.pid}/fd`).length;
  }

  /** The most memory that it has had, in MiB. */
  get peakMemory(): number {
    return this.#status('VmHWM');
  }

  /** The memory that it has now, in MiB. */
  get memory(): number {
    return this.#status('VmRSS');
  }

  #status(field: string): number {
    const status = readFileSync(`/proc/${this.program.pid}/status`, 'utf8');
    const [, kibibytes] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(status) ?? [];
    return Number(kibibytes) / 1024;
  }
}
