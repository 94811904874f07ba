// Takes random steps with sockets, in both styles, while pollers on every backend watch the same sockets, and compares what
// the library does with what a model says:
//
//   npm run test:fuzz                             20,000 steps or a few more, by a seed that it says
//   npm run test:fuzz -- --operations 10000000    as many as one likes
//   npm run test:fuzz -- --seed 42                the same steps again
//   npm run test:fuzz -- --json FILE              as Jest counts its tests
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { inspect, parseArgs } from 'node:util';
import { capabilities } from 'bipoll';
import { EventLoop } from 'bipoll/reactive';
import fc from 'fast-check';
import { expectThat } from './Expected';
import { steps } from './steps';
import { World } from './World';

const STEPS_PER_WORLD = 300;
const WORLDS_PER_ROUND = 20;
/** Milliseconds for a round, and for making the steps fewer that lead to a failure. */
const SHRINKING_LIMIT = 60_000;

const { backends } = capabilities();

/** How many sockets and sets of them this process has open. Of files, Node.js opens some whenever it likes. */
const openSockets = () => readdirSync('/proc/self/fd').filter(isSocket).length;

function isSocket(fd: string): boolean {
  try {
    return /socket|eventpoll/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return false; // it was that of the directory
  }
}

/** Random worlds, all that is taken from one seed. A failure is made as small as can be. */
async function round(seed: number): Promise<{ taken: number; failure: string | null }> {
  let taken = 0;
  const property = fc.asyncProperty(
    fc.commands(steps, { maxCommands: STEPS_PER_WORLD, size: 'max' }),
    async (chosen) => {
      const before = openSockets();
      const world = new World(backends);
      try {
        await fc.asyncModelRun(() => ({ model: { world }, real: null }), chosen);
        world.look();
      } finally {
        taken += world.steps;
        world.close();
      }
      const left = openSockets() - before;
      expectThat(left <= 0, `${left} sockets stay open`);
    },
  );
  const details = await fc.check(property, {
    seed,
    numRuns: WORLDS_PER_ROUND,
    interruptAfterTimeLimit: SHRINKING_LIMIT,
  });
  if (!details.failed) return { taken, failure: null };
  return {
    taken,
    failure: `${fc.defaultReportMessage(details)}\n${inspect(details.errorInstance)}`,
  };
}

/** Rounds until so many steps were taken, or one of them went wrong. */
async function run(operations: number, firstSeed: number): Promise<string | null> {
  const loop = EventLoop.default; // opened here, as it keeps its sockets
  let taken = 0;
  for (let seed = firstSeed; taken < operations; seed++) {
    const { failure, ...own } = await round(seed);
    taken += own.taken;
    if (failure !== null) return `Again: npm run test:fuzz -- --seed ${seed}\n${failure}`;
  }
  console.log(
    `${taken} steps on ${backends.join(' and ')}, from seed ${firstSeed} on; ` +
      `an event loop on ${loop.backend}, driven by ${loop.driver}`,
  );
  return null;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      operations: { type: 'string', default: '20000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
      json: { type: 'string' },
    },
  });
  if (process.platform !== 'linux') {
    console.log('Skipped: random steps: what stays open is read from /proc, as Linux has it.');
    return;
  }
  const failure = await run(Number(values.operations), Number(values.seed));
  if (failure !== null) console.error(failure);
  const failed = failure === null ? 0 : 1;
  const report = {
    numPassedTests: 1 - failed,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: 0,
  };
  if (values.json) writeFileSync(values.json, JSON.stringify(report));
  process.exitCode = failed;
}

void main();
