// How the processor time of a message depends on its size, on how many connections are idle, and on how many receive it, and how
// long its echo takes; and what a connection costs that lives for one message, and a message in a frame.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Contestants, echoContestants, scripted } from './contestants';
import type { Curve } from './Curve';
import { isTrial, rounds, times } from './effort';
import { compared, type Figure, median, show } from './ratios';
import { medianCost, Rivals, shown } from './Rivals';
import { type Cost, total } from './Server';
import { compiled, withDirectory } from './withProgram';

const ROUNDS = rounds(3);
const CONNECTIONS = 16;
const SIZE = 64;
const SIZES = [64, 1024, 8192, 65_536];
const IDLE = isTrial ? [10, 100] : [10, 100, 1000, 10_000];
const RECEIVERS = isTrial ? [10] : [10, 100, 1000];
const SHARES = ['50 %', '90 %', '99 %', '99.9 %'];
/** Descriptors, for the most connections at a time. */
const ROOM = Math.max(...IDLE, ...RECEIVERS) + 200;

export interface Measured {
  readonly curves: readonly Curve[];
  readonly figures: readonly Figure[];
}

export function curves(): Promise<Measured> {
  return withDirectory(async (directory) => {
    const load = compiled('echo-service/load.c', directory);
    const echoes = roomy(echoContestants(directory));
    const ours = (folder: string): Contestants =>
      roomy({
        bipoll: scripted(`${folder}/bipoll.cjs`),
        'node:net with RxJS': scripted(`${folder}/node-net-rxjs.cjs`),
      });
    return {
      curves: [
        await Rivals.among(echoes, load, null, bySize),
        await Rivals.among(echoes, load, null, (rivals) => byIdle(rivals, load)),
        await Rivals.among(echoes, load, null, latencies),
        await Rivals.among(ours('fan-out'), load, null, byReceivers),
      ],
      figures: [
        await Rivals.among(echoes, load, null, churn),
        await Rivals.among(ours('framed-echo'), load, null, framed),
      ],
    };
  });
}

/** Lets each have as many descriptors as the most connections need. */
function roomy(contestants: Contestants): Contestants {
  return Object.fromEntries(
    Object.entries(contestants).map(([name, command]) => [
      name,
      (address: string) => ['prlimit', `--nofile=${ROOM}`, ...command(address)],
    ]),
  );
}

// ---- Curves ----

async function bySize(rivals: Rivals): Promise<Curve> {
  const columns: ReadonlyMap<string, Cost[]>[] = [];
  for (const size of SIZES) {
    columns.push(await rivals.measure(ROUNDS, times(20_000), 'ask', CONNECTIONS, size));
  }
  return costCurve('size', `A message against its size, over ${CONNECTIONS} TCP connections`, {
    places: SIZES.map((size) => (size < 1024 ? `${size} B` : `${size / 1024} KiB`)),
    columns,
  });
}

async function byIdle(rivals: Rivals, load: string): Promise<Curve> {
  const columns: ReadonlyMap<string, Cost[]>[] = [];
  const holders: ReturnType<typeof spawn>[] = [];
  let held = 0;
  try {
    for (const count of IDLE) {
      for (const address of rivals.addresses.values()) {
        const hold = [`--nofile=${ROOM}`, load, 'hold', address, String(count - held)];
        const holder = spawn('prlimit', hold, { stdio: ['pipe', 'pipe', 'inherit'] });
        holders.push(holder);
        await once(holder.stdout, 'data');
      }
      held = count;
      columns.push(await rivals.measure(ROUNDS, times(20_000), 'ask', CONNECTIONS, SIZE));
    }
  } finally {
    for (const holder of holders) holder.kill('SIGKILL');
  }
  return costCurve('idle', `A message of ${SIZE} B beside idle TCP connections`, {
    places: IDLE.map((count) => `${count} idle`),
    columns,
  });
}

async function byReceivers(rivals: Rivals): Promise<Curve> {
  const columns: ReadonlyMap<string, Cost[]>[] = [];
  for (const receivers of RECEIVERS) {
    const count = Math.ceil(times(100_000) / receivers);
    const costs = await rivals.measure(ROUNDS, count, 'fan-out', receivers, SIZE);
    columns.push(
      new Map([...costs].map(([name, all]) => [name, all.map((cost) => shared(cost, receivers))])),
    );
  }
  return costCurve('fan-out', `A message of ${SIZE} B that all get, for each that gets it`, {
    places: RECEIVERS.map((count) => `${count} receivers`),
    columns,
  });
}

function shared({ user, system }: Cost, among: number): Cost {
  return { user: user / among, system: system / among };
}

function costCurve(
  name: string,
  title: string,
  {
    places,
    columns,
  }: { places: readonly string[]; columns: readonly ReadonlyMap<string, Cost[]>[] },
): Curve {
  const lines = [...columns[0]!.keys()].map((contestant) => {
    const costs = columns.map((column) => column.get(contestant)!);
    for (const [index, all] of costs.entries()) {
      console.log(`  ${name}, ${places[index]!}  ${contestant.padEnd(36)} ${shown(all)}`);
    }
    return [contestant, costs.map(medianCost)] as const;
  });
  return {
    name,
    title,
    unit: 'microseconds of processor time',
    places,
    lines: Object.fromEntries(lines),
  };
}

/** In rounds in which they take turns. A percentile is the median of those of the rounds. */
async function latencies(rivals: Rivals): Promise<Curve> {
  const names = [...rivals.addresses.keys()];
  const measured = new Map<string, number[][]>(names.map((name) => [name, []]));
  await rivals.measure(1, times(20_000), 'ask', CONNECTIONS, SIZE);
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) {
      const output = rivals.ask(name, 'ask', CONNECTIONS, SIZE, times(50_000));
      measured.get(name)!.push(output.trim().split(' ').map(Number));
    }
  }
  const lines = names.map((name) => {
    const all = measured.get(name)!;
    const values = SHARES.map((_, index) => median(all.map((each) => each[index]!)));
    console.log(
      `  latency  ${name.padEnd(36)} ${values.map((value) => value.toFixed(0)).join(' ')} us`,
    );
    return [name, values] as const;
  });
  return {
    name: 'latency',
    title: `So long an echo of ${SIZE} B takes at most, over ${CONNECTIONS} TCP connections`,
    unit: 'microseconds',
    places: SHARES,
    lines: Object.fromEntries(lines),
  };
}

// ---- Figures ----

async function churn(rivals: Rivals): Promise<Figure> {
  const costs = await rivals.measure(ROUNDS, times(5000), 'churn', SIZE);
  return figureOf('a TCP connection for one message', costs, 0.5);
}

async function framed(rivals: Rivals): Promise<Figure> {
  const costs = await rivals.measure(ROUNDS, times(100_000), 'ask', 64, SIZE);
  return figureOf('an echo of frames, TCP, 64 B x 64', costs, 0.6);
}

function figureOf(what: string, costs: ReadonlyMap<string, Cost[]>, target: number): Figure {
  for (const [name, all] of costs) console.log(`  ${what}  ${name.padEnd(36)} ${shown(all)}`);
  const [ours, theirs] = [costs.get('bipoll')!, costs.get('node:net with RxJS')!];
  return {
    name: `${what}: bipoll / node:net with RxJS`,
    ...compared(ours.map(total), theirs.map(total)),
    target,
  };
}

if (require.main === module)
  void curves().then(({ figures }) => {
    show(figures);
  });
