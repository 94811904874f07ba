// What one message of 64 bytes costs a UDP echo in processor time: the core and Observables, against the same system calls
// in C, and against node:dgram.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { rounds, times } from './effort';
import { compared, type Figure, median, pinned, show } from './ratios';
import { type Cost, LOAD_CORE, Server, total } from './Server';
import { withProgram } from './withProgram';

const ROUNDS = rounds(5);
const SIZE = 64;
const COUNT = times(100_000);

const contestants = ['c', 'core', 'reactive', 'node:dgram'] as const;
type Contestant = (typeof contestants)[number];

/** How many peers there are, and how many messages of each are on their way. */
interface Load {
  readonly name: string;
  readonly peers: number;
  readonly window: number;
}

const loads: readonly Load[] = [
  { name: '1 peer', peers: 1, window: 64 },
  { name: '16 peers', peers: 16, window: 4 },
];

function commandsOf(program: string): Record<Contestant, string[]> {
  const script = (name: string) => [process.execPath, join(__dirname, 'udp-echo', name)];
  return {
    c: [program, 'serve'],
    core: script('core.cjs'),
    reactive: script('reactive.cjs'),
    'node:dgram': script('node-dgram.cjs'),
  };
}

/** What a message costs each contestant, in rounds in which they take turns. */
async function measure({ peers, window }: Load, program: string) {
  const servers = new Map<Contestant, { server: Server; port: string }>();
  const costs = new Map<Contestant, Cost[]>(contestants.map((name) => [name, []]));
  const run = (port: string, count: number) => {
    const args = [program, 'load', port, peers, window, SIZE, count].map(String);
    const [command, ...rest] = [...pinned(LOAD_CORE), ...args];
    spawnSync(command!, rest, { stdio: 'inherit' });
  };
  const commands = commandsOf(program);
  try {
    for (const name of contestants) {
      const server = new Server(commands[name]);
      const port = await server.untilListening();
      servers.set(name, { server, port });
      run(port, COUNT / 4); // so that the compiler has seen it
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, { server, port }] of servers) {
        const cost = await server.costOfEach(COUNT, () => {
          run(port, COUNT);
        });
        costs.get(name)!.push(cost);
      }
    }
  } finally {
    for (const { server } of servers.values()) server.stop();
  }
  return costs;
}

export function udpEcho(): Promise<Figure[]> {
  return withProgram('udp-echo/udp-echo.c', async (program) => {
    const figures: Figure[] = [];
    for (const load of loads) {
      const costs = await measure(load, program);
      for (const [name, all] of costs) {
        const user = median(all.map((cost) => cost.user)).toFixed(2);
        const system = median(all.map((cost) => cost.system)).toFixed(2);
        console.log(`  UDP, ${load.name}  ${name.padEnd(12)} user ${user} + system ${system} us`);
      }
      const compare = (of: Contestant, to: Contestant, target: number): void => {
        const [ours, theirs] = [costs.get(of)!.map(total), costs.get(to)!.map(total)];
        figures.push({
          name: `UDP echo, 64 B, ${load.name}: ${of} / ${to}`,
          ...compared(ours, theirs),
          target,
        });
      };
      compare('core', 'c', 1.25);
      compare('core', 'node:dgram', 0.5);
      compare('reactive', 'node:dgram', 0.5);
    }
    return figures;
  });
}

if (require.main === module) void udpEcho().then(show);
