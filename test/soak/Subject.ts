import { join } from 'node:path';
import { Program } from '../hostile/Program';
import { PATIENCE } from '../support/patience';
import type { Sample } from './Sample';

/** The process under load. */
export class Subject {
  private constructor(private readonly program: Program) {}

  static async start(path: string, peer: string): Promise<Subject> {
    const file = join(__dirname, 'subject', 'index.cjs');
    const program = new Program(file, [path, peer], { flags: ['--expose-gc'] });
    await program.nextLine(); // it listens
    return new Subject(program);
  }

  /** What it says of itself, for so long. */
  async samples(seconds: number): Promise<Sample[]> {
    const samples = [await this.#next()];
    while (samples.at(-1)!.seconds < seconds) samples.push(await this.#next());
    return samples;
  }

  /** Ends what it does, and waits until it has ended by itself. @returns its last sample */
  async stop(): Promise<Sample> {
    this.program.write('stop\n');
    const stuck = setTimeout(() => {
      this.program.signal('SIGKILL');
    }, PATIENCE);
    let last = await this.#next();
    for (;;) {
      try {
        last = await this.#next();
      } catch {
        await this.program.end();
        clearTimeout(stuck);
        return last;
      }
    }
  }

  async kill(): Promise<void> {
    await this.program.kill();
  }

  async #next(): Promise<Sample> {
    return JSON.parse(await this.program.nextLine()) as Sample;
  }
}
