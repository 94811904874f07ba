// A blocking round trip of 64 bytes over a local socket: against the same calls in C, Python, and a worker.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { connect } from 'bipoll/sync';
import { rounds, times } from './effort';
import { alternate, compared, type Figure, median, pinned, run, show } from './ratios';
import { withProgram } from './withProgram';

const ROUNDS = rounds(9);
const COUNT = times(20_000);
const COUNT_OF_WORKER = times(1000);

/** Where the contestants run. */
const CORE = 1;
/** Between cores most of a round trip is the wake-up of a sleeping core; on one, it is the system calls. */
const PLACES = [
  { place: 'peer on another core', peerCore: 0 },
  { place: 'peer on the same core', peerCore: CORE },
];

function untilServed(path: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      connect({ path }, { timeout: 100 }).close();
      return;
    } catch (error) {
      if (attempt === 1000) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** One round trip of each contestant with a peer in C, in microseconds. */
function timesWithPeer(echo: string, path: string, peerCore: number) {
  const [program, ...args] = [...pinned(peerCore), echo, 'serve', path];
  const server = spawn(program, args, { stdio: 'inherit' });
  try {
    untilServed(path);
    const time =
      (count: number, command: string, ...first: string[]) =>
      () =>
        Number(run(CORE, command, [...first, path, String(count)]));
    const script = (name: string) => join(__dirname, name);
    return alternate(ROUNDS, {
      c: time(COUNT, echo, 'time'),
      bipoll: time(COUNT, process.execPath, script('round-trip.cjs')),
      python: time(COUNT, 'python3', script('round-trip.py')),
      synckit: time(COUNT_OF_WORKER, process.execPath, script('round-trip-synckit.cjs')),
    });
  } finally {
    server.kill();
  }
}

export function roundTrip(): Promise<Figure[]> {
  return withProgram('echo.c', (echo, directory) =>
    PLACES.flatMap(({ place, peerCore }) => {
      const times = timesWithPeer(echo, join(directory, `${peerCore}.sock`), peerCore);
      for (const [name, values] of Object.entries(times)) {
        console.log(`  ${name.padEnd(8)} ${median(values).toFixed(2)} us, ${place}`);
      }
      const { c, bipoll, python, synckit } = times;
      return [
        { name: `round trip, ${place}: bipoll / C`, ...compared(bipoll, c), target: 1.15 },
        { name: `round trip, ${place}: bipoll / Python`, ...compared(bipoll, python), target: 1 },
        {
          name: `round trip, ${place}: bipoll / synckit`,
          ...compared(bipoll, synckit),
          target: 1 / 20,
        },
      ];
    }),
  );
}

if (require.main === module) void roundTrip().then(show);
