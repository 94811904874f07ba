// What one message costs an echo server in processor time, over local sockets and TCP, against the same loop in C,
// with epoll and with io_uring, against Bun's own sockets where Bun is installed, and against node:net, bare and wrapped in RxJS.
import { capabilities } from 'bipoll';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { rounds, times } from './effort';
import { compared, type Figure, median, pinned, show } from './ratios';
import { type Cost, freePort, LOAD_CORE, Server, total } from './Server';
import { withProgram } from './withProgram';

const ROUNDS = rounds(5);

const hasRing = capabilities().loopBackends.includes('io_uring');
const hasBun = spawnSync('bun', ['--version'], { stdio: 'ignore' }).status === 0;

type Contestant =
  | 'c'
  | 'c over io_uring'
  | 'bipoll'
  | 'bipoll over io_uring'
  | 'bipoll borrowing'
  | 'bipoll with AsyncLocalStorage in use'
  | 'bun'
  | 'node:net'
  | 'node:net with RxJS';
const contestants: readonly Contestant[] = [
  'c',
  ...(hasRing ? (['c over io_uring'] as const) : []),
  'bipoll',
  ...(hasRing ? (['bipoll over io_uring'] as const) : []),
  'bipoll borrowing',
  'bipoll with AsyncLocalStorage in use',
  ...(hasBun ? (['bun'] as const) : []),
  'node:net',
  'node:net with RxJS',
];

interface Load {
  readonly name: string;
  readonly transport: 'local' | 'TCP';
  readonly connections: number;
  readonly size: number;
  readonly count: number;
  /** The most that ours may cost, in terms of C's: with epoll, and over io_uring with epoll and with io_uring. */
  readonly target: number;
  readonly ringTargets: readonly [epoll: number, byRing: number];
  readonly borrowingTarget?: number;
}

const loads: readonly Load[] = [
  {
    name: 'local, 64 B x 64',
    transport: 'local',
    connections: 64,
    size: 64,
    count: times(200_000),
    target: 1.25,
    ringTargets: [1.1, 1.2],
  },
  {
    name: 'local, 64 B x 512',
    transport: 'local',
    connections: 512,
    size: 64,
    count: times(200_000),
    target: 1.35,
    ringTargets: [1.1, 1.2],
  },
  {
    name: 'TCP, 64 B x 64',
    transport: 'TCP',
    connections: 64,
    size: 64,
    count: times(100_000),
    target: 1.12,
    ringTargets: [1, 1.12],
  },
  {
    name: 'TCP, 64 B x 512',
    transport: 'TCP',
    connections: 512,
    size: 64,
    count: times(100_000),
    target: 1.12,
    ringTargets: [1, 1.12],
  },
  {
    name: 'local, 64 KiB x 16',
    transport: 'local',
    connections: 16,
    size: 65_536,
    count: times(20_000),
    target: 1.35,
    ringTargets: [1.2, Infinity],
    borrowingTarget: 1.15,
  },
];

/** What the C program over io_uring is made of beside its own source. */
const RING_PARTS = [
  'posix/descriptor.c',
  'posix/provided_buffers.c',
  'posix/ring.c',
  'posix/waker.c',
  'posix/waker_eventfd.c',
  'posix/waker_pipe.c',
];

function commandsOf(
  program: string,
  byRing: string,
): Record<Contestant, (address: string) => string[]> {
  const script = (name: string) => join(__dirname, 'echo-service', name);
  return {
    c: (address) => [program, 'serve', address],
    'c over io_uring': (address) => [byRing, address],
    bipoll: (address) => [process.execPath, script('bipoll.cjs'), address],
    'bipoll over io_uring': (address) => [
      'env',
      'BIPOLL_BACKEND=io_uring',
      process.execPath,
      script('bipoll.cjs'),
      address,
    ],
    'bipoll borrowing': (address) => [process.execPath, script('bipoll.cjs'), address, 'borrow'],
    'bipoll with AsyncLocalStorage in use': (address) => [
      process.execPath,
      script('bipoll.cjs'),
      address,
      'context',
    ],
    bun: (address) => ['bun', script('bun.cjs'), address],
    'node:net': (address) => [process.execPath, script('node-net.cjs'), address],
    'node:net with RxJS': (address) => [process.execPath, script('node-net-rxjs.cjs'), address],
  };
}

/** Microseconds per message of each contestant: the medians of rounds in which they take turns. */
async function measure(load: Load, program: string, byRing: string, directory: string) {
  const commands = commandsOf(program, byRing);
  const servers = new Map<Contestant, Server>();
  const costs = new Map<Contestant, Cost[]>();
  const run = (server: Server, count: number) => {
    const args = [program, 'load', server.address, load.connections, load.size, count].map(String);
    const [command, ...rest] = [...pinned(LOAD_CORE), ...args];
    spawnSync(command!, rest, { stdio: 'inherit' });
  };
  try {
    for (const [index, name] of contestants.entries()) {
      const address =
        load.transport === 'TCP'
          ? String(await freePort())
          : join(directory, `${index}-${load.connections}-${load.size}`);
      const server = new Server(commands[name](address), address);
      servers.set(name, server);
      await server.untilListening();
      run(server, load.count / 4); // so that the compiler has seen it
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, server] of servers) {
        const cost = await server.costOfEach(load.count, () => {
          run(server, load.count);
        });
        costs.set(name, [...(costs.get(name) ?? []), cost]);
      }
    }
  } finally {
    for (const server of servers.values()) server.stop();
  }
  return costs;
}

export function echoService(): Promise<Figure[]> {
  return withProgram('echo-service/echo-service.c', (program, directory) =>
    hasRing
      ? withProgram(
          'echo-service/echo-by-ring.c',
          (byRing) => figuresOf(program, byRing, directory),
          RING_PARTS,
        )
      : figuresOf(program, '', directory),
  );
}

async function figuresOf(program: string, byRing: string, directory: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const load of loads) {
    const costs = await measure(load, program, byRing, directory);
    for (const [name, all] of costs) {
      const user = median(all.map((cost) => cost.user)).toFixed(2);
      const system = median(all.map((cost) => cost.system)).toFixed(2);
      console.log(`  ${load.name}  ${name.padEnd(36)} user ${user} + system ${system} us`);
    }
    const compare = (of: Contestant, to: Contestant, target: number): void => {
      const [ours, theirs] = [costs.get(of)!.map(total), costs.get(to)!.map(total)];
      figures.push({
        name: `echo service, ${load.name}: ${of} / ${to}`,
        ...compared(ours, theirs),
        target,
      });
    };
    compare('bipoll', 'c', load.target);
    if (hasRing) {
      const [epoll, byRing] = load.ringTargets;
      compare('bipoll over io_uring', 'c', epoll);
      compare('bipoll over io_uring', 'c over io_uring', byRing);
      compare('bipoll over io_uring', 'bipoll', 1.1);
      if (hasBun) compare('bipoll over io_uring', 'bun', 1);
    }
    if (load.borrowingTarget) compare('bipoll borrowing', 'c', load.borrowingTarget);
    compare('bipoll with AsyncLocalStorage in use', 'bipoll', 1.15);
    if (hasBun) compare('bipoll', 'bun', 1);
    compare('bipoll', 'node:net with RxJS', 0.6);
  }
  return figures;
}

if (require.main === module) void echoService().then(show);
