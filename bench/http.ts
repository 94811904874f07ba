// The same server of node:http over our Duplex and over net.Socket: requests a second, and processor time of a request.
// The load is made by wrk, where it is installed.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { rounds } from './effort';
import { compared, type Figure, median, pinned, show } from './ratios';
import { freePort, LOAD_CORE, Server, total } from './Server';

const ROUNDS = rounds(7);
const CONNECTIONS = 64;
const SECONDS = 2;

/** Ours and theirs. */
const scripts = ['bipoll.cjs', 'node-net.cjs'] as const;

interface Round {
  /** Seconds for a request. */
  readonly pace: number;
  /** Microseconds of processor time for a request. */
  readonly cost: number;
}

/** Asks for so many seconds. @returns how many answers came */
function load(port: string): number {
  const args = ['-t', '1', '-c', CONNECTIONS, '-d', SECONDS, `http://127.0.0.1:${port}/`];
  const [command, ...rest] = [...pinned(LOAD_CORE), 'wrk', ...args.map(String)];
  const { stdout } = spawnSync(command!, rest, { encoding: 'utf8' });
  const [, count] = /(\d+) requests in/.exec(stdout) ?? [];
  if (count === undefined || stdout.includes('Non-2xx')) throw new Error(stdout);
  return Number(count);
}

async function measured(server: Server): Promise<Round> {
  const before = total(await server.cost());
  const count = load(server.address);
  return { pace: SECONDS / count, cost: (total(await server.cost()) - before) / count };
}

export async function httpServer(): Promise<Figure[]> {
  if (spawnSync('wrk', ['-v']).error) {
    console.log('  wrk is not installed: no figures of node:http');
    return [];
  }
  const rounds: [Round[], Round[]] = [[], []];
  const servers: Server[] = [];
  try {
    for (const script of scripts) {
      const address = String(await freePort());
      const server = new Server(
        [process.execPath, join(__dirname, 'http', script), address],
        address,
      );
      servers.push(server);
      await server.untilListening();
      load(address); // so that the compiler has seen it
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, server] of servers.entries()) rounds[index]!.push(await measured(server));
    }
  } finally {
    for (const server of servers) server.stop();
  }
  for (const [index, script] of scripts.entries()) {
    const [pace, cost] = (['pace', 'cost'] as const).map((what) =>
      median(rounds[index]!.map((each) => each[what])),
    );
    console.log(
      `  node:http, ${script}: ${(1 / pace!).toFixed(0)}/s, ${cost!.toFixed(2)} us of a processor`,
    );
  }
  const [ours, theirs] = rounds;
  const compare = (name: string, what: keyof Round): Figure => ({
    name: `node:http over our Duplex / over net.Socket: ${name}`,
    ...compared(
      ours.map((each) => each[what]),
      theirs.map((each) => each[what]),
    ),
    target: 1,
  });
  return [compare('time of a request', 'pace'), compare('processor time of a request', 'cost')];
}

if (require.main === module) void httpServer().then(show);
