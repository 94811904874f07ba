// What a framed message costs an echo server over TLS in processor time, and an idle connection in memory: ours against
// node:tls with RxJS.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { rounds, times } from './effort';
import { compared, type Figure, median, pinned, show } from './ratios';
import { freePort, LOAD_CORE, Server, total } from './Server';

const ROUNDS = rounds(5);
const CONNECTIONS = 64;
const SIZE = 64;
const COUNT = times(40_000);
/** Before these a process is still growing for other reasons. */
const FIRST_IDLE = times(200);
const MORE_IDLE = times(600);

/** Ours and theirs. */
const scripts = ['bipoll.cjs', 'node-tls-rxjs.cjs'] as const;
const directory = join(__dirname, 'tls-echo');

const loadBy = (port: string, ...numbers: readonly number[]): [string, string[]] => {
  const load = [process.execPath, join(directory, 'load.cjs'), port, ...numbers.map(String)];
  const [command, ...args] = [...pinned(LOAD_CORE), ...load];
  return [command!, args];
};

async function started(script: string): Promise<Server> {
  const address = String(await freePort());
  const server = new Server([process.execPath, join(directory, script), address], address);
  await server.untilListening();
  return server;
}

/** Microseconds of processor time for a message, in rounds in which they take turns. */
async function costs(): Promise<number[][]> {
  const servers = [await started(scripts[0]), await started(scripts[1])];
  const measured: number[][] = [[], []];
  const run = (server: Server, count: number) =>
    spawnSync(...loadBy(server.address, CONNECTIONS, SIZE, count), { stdio: 'inherit' });
  try {
    for (const server of servers) run(server, COUNT / 2); // so that the compiler has seen it
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, server] of servers.entries()) {
        const before = total(await server.cost());
        run(server, COUNT);
        measured[index]!.push((total(await server.cost()) - before) / COUNT);
      }
    }
  } finally {
    for (const server of servers) server.stop();
  }
  return measured;
}

/** Bytes of memory for an idle connection. */
async function memory(script: string): Promise<number> {
  const server = await started(script);
  const clients: ReturnType<typeof spawn>[] = [];
  const memoryWith = async (connections: number): Promise<number> => {
    const [command, args] = loadBy(server.address, connections, SIZE, 0);
    const client = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    clients.push(client);
    await once(client.stdout, 'data');
    await pause(1000); // for what it does about them later, such as collecting garbage
    return server.memory();
  };
  try {
    const before = await memoryWith(FIRST_IDLE);
    return ((await memoryWith(MORE_IDLE)) - before) / MORE_IDLE;
  } finally {
    for (const client of clients) client.kill('SIGKILL');
    server.stop();
  }
}

/** Makes the key and the certificate that the servers find by their environment. */
function makeIdentity(): string {
  const place = mkdtempSync(join(tmpdir(), 'bipoll-bench-'));
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2';
  const files = ['-keyout', join(place, 'key.pem'), '-out', join(place, 'cert.pem')];
  const args = [...request.split(' '), '-subj', '/CN=localhost', ...files];
  execFileSync('openssl', args, { stdio: 'ignore' });
  return place;
}

export async function tlsEcho(): Promise<Figure[]> {
  const place = makeIdentity();
  process.env['BENCH_IDENTITY'] = place;
  try {
    const [ours, theirs] = (await costs()) as [number[], number[]];
    const bytes = [await memory(scripts[0]), await memory(scripts[1])] as const;
    for (const [index, script] of scripts.entries()) {
      const cost = median([ours, theirs][index]!).toFixed(2);
      console.log(`  TLS echo, ${script}: ${cost} us for a message`);
      console.log(
        `  TLS echo, ${script}: ${bytes[index]!.toFixed(0)} bytes for an idle connection`,
      );
    }
    const peer = 'bipoll / node:tls with RxJS';
    return [
      {
        name: `framed echo over TLS, ${SIZE} B x ${CONNECTIONS}: ${peer}`,
        ...compared(ours, theirs),
        target: 1.2,
      },
      {
        name: `memory of an idle TLS connection: ${peer}`,
        ratio: bytes[0] / bytes[1],
        target: 1.1,
      },
    ];
  } finally {
    rmSync(place, { recursive: true });
  }
}

if (require.main === module) void tlsEcho().then(show);
