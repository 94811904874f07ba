import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

interface ProgramOptions {
  /** How many it may have open; null: as many as the harness. */
  readonly descriptors?: number | null;
  /** Of Node.js. */
  readonly flags?: readonly string[];
}

/** A program that the harness has started, and that says by a line when it is ready. */
export class Program {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #exit: Promise<unknown>;

  constructor(
    file: string,
    args: readonly string[],
    { descriptors = null, flags = [] }: ProgramOptions = {},
  ) {
    const command = [process.execPath, ...flags, file, ...args];
    const limited = ['-c', `ulimit -n ${descriptors ?? '$(ulimit -n)'}; exec "$@"`, 'sh'];
    this.#child = spawn('/bin/sh', [...limited, ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#exit = once(this.#child, 'exit');
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async nextLine(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`A program has ended: ${this.#child.spawnargs.join(' ')}`);
    return value;
  }

  /** Waits until it has ended by itself. */
  async end(): Promise<void> {
    await this.#exit;
  }

  write(line: string): void {
    this.#child.stdin!.write(line);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    if (!this.isRunning) return;
    this.signal('SIGKILL');
    await this.#exit;
  }
}
