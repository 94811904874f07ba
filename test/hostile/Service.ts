import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './Program';

/** Where a service listens, as `net.connect` takes it. */
export type Target = { host: string; port: number } | { path: string };

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
    { backlog, descriptors }: { backlog: number; descriptors: number | null },
  ): Promise<Service> {
    const file = join(__dirname, 'services', `${style}.cjs`);
    const program = new Program(file, [address, String(backlog)], { descriptors });
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
