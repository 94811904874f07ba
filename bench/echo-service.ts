// What one message costs an echo server in processor time, over a local socket, against the same loop in C and
// against node:net, bare and wrapped in RxJS.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { type Figure, median, pinned, show } from './ratios';
import { withProgram } from './withProgram';

const ROUNDS = 5;
const SERVER_CORE = 0;
const LOAD_CORE = 1;

const contestants = [
  'c',
  'bipoll',
  'bipoll borrowing',
  'bipoll with AsyncLocalStorage in use',
  'node:net',
  'node:net with RxJS',
] as const;
type Contestant = (typeof contestants)[number];

interface Load {
  readonly name: string;
  readonly connections: number;
  readonly size: number;
  readonly count: number;
  readonly figures: readonly { of: Contestant; to: Contestant; target: number }[];
}

const loads: readonly Load[] = [
  {
    name: '64 B, 64 connections',
    connections: 64,
    size: 64,
    count: 200_000,
    figures: [
      { of: 'bipoll', to: 'c', target: 1.35 },
      { of: 'bipoll', to: 'node:net with RxJS', target: 0.6 },
      { of: 'bipoll with AsyncLocalStorage in use', to: 'bipoll', target: 1.15 },
    ],
  },
  {
    name: '64 B, 512 connections',
    connections: 512,
    size: 64,
    count: 200_000,
    figures: [{ of: 'bipoll', to: 'c', target: 1.7 }],
  },
  {
    name: '64 KiB, 16 connections',
    connections: 16,
    size: 65_536,
    count: 20_000,
    figures: [
      { of: 'bipoll', to: 'c', target: 1.6 },
      { of: 'bipoll borrowing', to: 'c', target: 1.2 },
    ],
  },
];

/** Microseconds of processor time. */
interface Cost {
  user: number;
  system: number;
}

const total = ({ user, system }: Cost) => user + system;

class Server {
  readonly #process: ChildProcess;
  readonly #output: Interface;

  constructor(
    command: readonly string[],
    readonly path: string,
  ) {
    const [program, ...args] = [...pinned(SERVER_CORE), ...command];
    this.#process = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#output = createInterface({ input: this.#process.stdout! });
  }

  async untilListening(): Promise<void> {
    await once(this.#output, 'line');
  }

  async cost(): Promise<Cost> {
    const line = once(this.#output, 'line');
    this.#process.kill('SIGUSR2');
    const [user, system] = ((await line)[0] as string).split(' ').map(Number);
    return { user: user!, system: system! };
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}

function commandsOf(program: string): Record<Contestant, (path: string) => string[]> {
  const script = (name: string) => join(__dirname, 'echo-service', name);
  return {
    c: (path) => [program, 'serve', path],
    bipoll: (path) => [process.execPath, script('bipoll.cjs'), path],
    'bipoll borrowing': (path) => [process.execPath, script('bipoll.cjs'), path, 'borrow'],
    'bipoll with AsyncLocalStorage in use': (path) => [
      process.execPath,
      script('bipoll.cjs'),
      path,
      'context',
    ],
    'node:net': (path) => [process.execPath, script('node-net.cjs'), path],
    'node:net with RxJS': (path) => [process.execPath, script('node-net-rxjs.cjs'), path],
  };
}

/** Microseconds per message of each contestant: the medians of rounds in which they take turns. */
async function measure(load: Load, program: string, directory: string) {
  const commands = commandsOf(program);
  const servers = new Map<Contestant, Server>();
  const costs = new Map<Contestant, Cost[]>();
  const run = (server: Server, count: number) => {
    const args = [program, 'load', server.path, load.connections, load.size, count].map(String);
    const [command, ...rest] = [...pinned(LOAD_CORE), ...args];
    spawnSync(command!, rest, { stdio: 'inherit' });
  };
  try {
    for (const [index, name] of contestants.entries()) {
      const path = join(directory, `${index}-${load.connections}-${load.size}`);
      const server = new Server(commands[name](path), path);
      servers.set(name, server);
      await server.untilListening();
      run(server, load.count / 4); // so that the compiler has seen it
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, server] of servers) {
        const before = await server.cost();
        run(server, load.count);
        const after = await server.cost();
        const cost = {
          user: (after.user - before.user) / load.count,
          system: (after.system - before.system) / load.count,
        };
        costs.set(name, [...(costs.get(name) ?? []), cost]);
      }
    }
  } finally {
    for (const server of servers.values()) server.stop();
  }
  return costs;
}

export function echoService(): Promise<Figure[]> {
  return withProgram('echo-service/echo-service.c', async (program, directory) => {
    const figures: Figure[] = [];
    for (const load of loads) {
      const costs = await measure(load, program, directory);
      for (const [name, all] of costs) {
        const user = median(all.map((cost) => cost.user)).toFixed(2);
        const system = median(all.map((cost) => cost.system)).toFixed(2);
        console.log(`  ${load.name}  ${name.padEnd(36)} user ${user} + system ${system} us`);
      }
      for (const { of, to, target } of load.figures) {
        const [ours, theirs] = [costs.get(of)!.map(total), costs.get(to)!.map(total)];
        const ratio = median(ours.map((cost, round) => cost / theirs[round]!));
        figures.push({ name: `echo service, ${load.name}: ${of} / ${to}`, ratio, target });
      }
    }
    return figures;
  });
}

if (require.main === module) void echoService().then(show);
