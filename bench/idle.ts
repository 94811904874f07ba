// What an idle connection costs a server in memory, as the system sees the process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { byRing, type Contestants, hasRing, scripted } from './contestants';
import { times } from './effort';
import { type Figure, show } from './ratios';
import { withProgram } from './withProgram';

/** Before these the process is still growing for other reasons. */
const FIRST = times(2000);
const MORE = times(6000);
const TARGET_BYTES = 2048;

const piped = scripted('idle/server.cjs', 'piped');
const servers: Contestants = {
  'bipoll, accepted': scripted('idle/server.cjs', 'accepted'),
  'bipoll, in the pipeline of the README': piped,
  ...(hasRing && { 'bipoll over io_uring, in the pipeline of the README': byRing(piped) }),
  'node:net': scripted('idle/server-node-net.cjs'),
};

/** A program that may have so many connections, and the lines that it prints. */
class Program {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(...command: string[]) {
    const limited = ['-c', `ulimit -n ${FIRST + MORE + 100}; exec "$@"`, 'sh', ...command];
    this.#process = spawn('sh', limited, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    return (await this.#lines.next()).value as string;
  }

  signal(): void {
    this.#process.kill('SIGUSR2');
  }

  async stop(): Promise<void> {
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exit;
  }
}

async function bytesPerConnection(program: string, path: string, server: readonly string[]) {
  const serving = new Program(...server);
  const programs = [serving];
  const memoryWith = async (connections: number): Promise<number> => {
    const holding = new Program(program, 'hold', path, String(connections));
    programs.push(holding);
    await holding.line();
    await pause(1000); // for what it does about them later, such as collecting garbage
    serving.signal();
    return Number(await serving.line());
  };
  try {
    await serving.line();
    const before = await memoryWith(FIRST);
    return ((await memoryWith(MORE)) - before) / MORE;
  } finally {
    for (const each of programs) await each.stop();
  }
}

export function idle(): Promise<Figure[]> {
  return withProgram('echo-service/load.c', async (program, directory) => {
    const figures: Figure[] = [];
    for (const [index, [name, server]] of Object.entries(servers).entries()) {
      const path = join(directory, `${index}`);
      const bytes = await bytesPerConnection(program, path, server(path));
      console.log(`  ${bytes.toFixed(0)} bytes for each idle connection: ${name}`);
      const target = name === 'bipoll, accepted' ? 1 : Infinity;
      figures.push({
        name: `memory of an idle connection / ${TARGET_BYTES} bytes: ${name}`,
        ratio: bytes / TARGET_BYTES,
        target,
      });
    }
    return figures;
  });
}

if (require.main === module) void idle().then(show);
