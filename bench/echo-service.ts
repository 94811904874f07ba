// What one message costs an echo server in processor time, over local sockets and TCP, against the same loop in C, with epoll
// and with io_uring, and over libuv, against the sockets of Bun and Deno where they are installed, and against node:net, bare and
// wrapped in RxJS.
import { type Contestants, echoContestants, hasBun, hasRing, scripted } from './contestants';
import { rounds, times } from './effort';
import { compared, type Figure, show } from './ratios';
import { Rivals, shown } from './Rivals';
import { total } from './Server';
import { compiled, withDirectory } from './withProgram';

const ROUNDS = rounds(5);

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

export function echoService(): Promise<Figure[]> {
  return withDirectory(async (directory) => {
    const load = compiled('echo-service/load.c', directory);
    const contestants: Contestants = {
      ...echoContestants(directory),
      'bipoll borrowing': scripted('echo-service/bipoll.cjs', 'borrow'),
      'bipoll with AsyncLocalStorage in use': scripted('echo-service/bipoll.cjs', 'context'),
    };
    const figures: Figure[] = [];
    for (const each of loads) {
      const place = each.transport === 'local' ? directory : null;
      figures.push(
        ...(await Rivals.among(contestants, load, place, (rivals) => figuresOf(each, rivals))),
      );
    }
    return figures;
  });
}

async function figuresOf(load: Load, rivals: Rivals): Promise<Figure[]> {
  const { name, connections, size, count } = load;
  const costs = await rivals.measure(ROUNDS, count, 'ask', connections, size);
  for (const [contestant, all] of costs) {
    console.log(`  ${name}  ${contestant.padEnd(36)} ${shown(all)}`);
  }
  const compare = (of: string, to: string, target: number): Figure => ({
    name: `echo service, ${name}: ${of} / ${to}`,
    ...compared(costs.get(of)!.map(total), costs.get(to)!.map(total)),
    target,
  });
  const [epollTarget, byRingTarget] = load.ringTargets;
  return [
    compare('bipoll', 'c', load.target),
    ...(load.borrowingTarget ? [compare('bipoll borrowing', 'c', load.borrowingTarget)] : []),
    compare('bipoll with AsyncLocalStorage in use', 'bipoll', 1.15),
    ...(hasBun ? [compare('bipoll', 'bun', 1)] : []),
    compare('bipoll', 'node:net with RxJS', 0.6),
    ...(hasRing
      ? [
          compare('bipoll over io_uring', 'c', epollTarget),
          compare('bipoll over io_uring', 'c over io_uring', byRingTarget),
          compare('bipoll over io_uring', 'bipoll', 1.1),
          ...(hasBun ? [compare('bipoll over io_uring', 'bun', 1)] : []),
        ]
      : []),
  ];
}

if (require.main === module) void echoService().then(show);
